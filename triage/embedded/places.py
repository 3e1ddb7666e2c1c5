"""Where the invented people live, and what people are called there. Data only.

Phone numbers are of ranges set aside for fiction where a country has one; the others begin with zeros.
"""

from __future__ import annotations

from msgspec import Struct


class Place(Struct, frozen=True):
    """A country as the leads need it; `phone` has one slot for three digits."""

    country: str
    language: str
    time_zone: str
    phone: str
    cities: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]


GERMANY = Place(
    "DE",
    "de",
    "Europe/Berlin",
    "+49 30 23125 {:03}",
    ("Stuttgart", "Kassel", "Bielefeld", "Augsburg", "Leipzig", "Hanau"),
    ("Katrin", "Jonas", "Annika", "Holger", "Birgit", "Malte", "Sabine", "Dirk"),
    ("Brandt", "Kessler", "Vogt", "Lindemann", "Reuter", "Haas", "Behrens", "Seidel"),
)
AUSTRIA = Place(
    "AT",
    "de",
    "Europe/Vienna",
    "+43 0 000 {:03}",
    ("Linz", "Graz", "Wels"),
    ("Magdalena", "Florian", "Verena", "Lukas"),
    ("Gruber", "Pichler", "Steiner", "Wallner"),
)
SWITZERLAND = Place(
    "CH",
    "de",
    "Europe/Zurich",
    "+41 0 000 {:03}",
    ("Winterthur", "Basel", "Biel"),
    ("Nadja", "Reto", "Corinne", "Urs"),
    ("Ammann", "Zurbriggen", "Frei", "Keller"),
)
NETHERLANDS = Place(
    "NL",
    "nl",
    "Europe/Amsterdam",
    "+31 0 000 {:03}",
    ("Eindhoven", "Breda", "Zwolle"),
    ("Femke", "Joris", "Anouk", "Daan"),
    ("van der Meer", "Bakker", "de Wit", "Hoekstra"),
)
FRANCE = Place(
    "FR",
    "fr",
    "Europe/Paris",
    "+33 1 99 00 0{:03}",
    ("Lyon", "Lille", "Nantes"),
    ("Camille", "Étienne", "Maud", "Bastien"),
    ("Lefèvre", "Garnier", "Roussel", "Chevalier"),
)
BRITAIN = Place(
    "GB",
    "en",
    "Europe/London",
    "+44 20 7946 0{:03}",
    ("Leeds", "Derby", "Bristol"),
    ("Harriet", "Callum", "Priya", "Owen"),
    ("Ashworth", "Pemberton", "Shah", "Whitaker"),
)
SWEDEN = Place(
    "SE",
    "sv",
    "Europe/Stockholm",
    "+46 0 000 {:03}",
    ("Västerås", "Malmö", "Jönköping"),
    ("Elin", "Gustav", "Sanna", "Oskar"),
    ("Bergström", "Nyman", "Ekdahl", "Lundin"),
)
POLAND = Place(
    "PL",
    "pl",
    "Europe/Warsaw",
    "+48 0 000 {:03}",
    ("Łódź", "Poznań", "Gliwice"),
    ("Agnieszka", "Paweł", "Joanna", "Michał"),
    ("Wójcik", "Nowak", "Zając", "Mazur"),
)
ITALY = Place(
    "IT",
    "it",
    "Europe/Rome",
    "+39 0 000 {:03}",
    ("Modena", "Bergamo", "Vicenza"),
    ("Giulia", "Matteo", "Elisa", "Davide"),
    ("Ferrari", "Colombo", "Marchetti", "Sala"),
)
SPAIN = Place(
    "ES",
    "es",
    "Europe/Madrid",
    "+34 0 000 {:03}",
    ("Zaragoza", "Vitoria", "Valencia"),
    ("Lucía", "Álvaro", "Nuria", "Iñaki"),
    ("Etxeberria", "Navarro", "Peña", "Castillo"),
)
CZECHIA = Place(
    "CZ",
    "cs",
    "Europe/Prague",
    "+420 000 000 {:03}",
    ("Brno", "Plzeň", "Ostrava"),
    ("Tereza", "Ondřej", "Lenka", "Radek"),
    ("Janů", "Krejčí", "Jirků", "Marek"),
)
UNITED_STATES = Place(
    "US",
    "en",
    "America/Chicago",
    "+1 312 555 0{:03}",
    ("Milwaukee", "Toledo", "Grand Rapids"),
    ("Renee", "Marcus", "Dolores", "Tyler"),
    ("Hollis", "Okafor", "Ramirez", "Stroud"),
)
JAPAN = Place(
    "JP",
    "ja",
    "Asia/Tokyo",
    "+81 0 000 {:03}",
    ("Nagoya", "Hamamatsu"),
    ("Haruka", "Kenji", "Yui"),
    ("Sakamoto", "Ogawa", "Nishida"),
)
BRAZIL = Place(
    "BR",
    "pt",
    "America/Sao_Paulo",
    "+55 0 0000 {:03}",
    ("Campinas", "Joinville"),
    ("Beatriz", "Thiago", "Larissa"),
    ("Moreira", "Azevedo", "Prado"),
)

NEAR = (
    GERMANY,
    GERMANY,
    GERMANY,
    AUSTRIA,
    SWITZERLAND,
    NETHERLANDS,
    FRANCE,
    BRITAIN,
    SWEDEN,
    POLAND,
    ITALY,
    SPAIN,
    CZECHIA,
)
"""Where most leads are from; a country stands here as often as it should weigh."""

FAR = (UNITED_STATES, JAPAN, BRAZIL)
"""Outside of the first rep's territory."""
