"""Items on their way to Salesforce: judged, put into graphs, and told apart in the answer."""
