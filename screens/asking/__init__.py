"""What the app may ask at the bottom of a screen: questions as values, and the talk that holds them."""
