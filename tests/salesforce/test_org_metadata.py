"""The stand-in's decision object is the one that triage ships for an administrator to deploy: no field more or less."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.salesforce.org.extras import DECISIONS, ON_LEAD
from tests.salesforce.org.schema import Field
from triage.crm import salesforce

OBJECTS = Path(str(salesforce.__file__)).parent / "metadata/force-app/main/default/objects"
TYPES = {
    "Text": "string",
    "LongTextArea": "textarea",
    "Picklist": "picklist",
    "DateTime": "datetime",
    "Number": "double",
    "Lookup": "reference",
}
_NAMESPACE = {"m": "http://soap.sforce.com/2006/04/metadata"}


def deployed(name: str) -> dict[str, Field]:
    """Return the custom fields that the shipped metadata gives an object, as the stand-in would declare them."""
    files = (OBJECTS / name / "fields").glob("*.field-meta.xml")
    return {field.name: field for field in map(_field, files)}


def _field(path: Path) -> Field:
    root = ET.fromstring(path.read_text("utf-8"))

    def said(what: str) -> str:
        return root.findtext(what, "", _NAMESPACE)

    kind = said("m:type")
    return Field(
        said("m:fullName"),
        TYPES[kind],
        length=int(said("m:length") or 255),
        scale=int(said("m:scale") or 0),
        long=kind == "LongTextArea",
        required=said("m:required") == "true",
        external_id=said("m:externalId") == said("m:unique") == "true",
        case_sensitive=said("m:caseSensitive") == "true",
        restricted=said("m:valueSet/m:restricted") == "true",
        values=tuple(one.text or "" for one in root.findall(".//m:value/m:fullName", _NAMESPACE)),
        refers=tuple(one.text or "" for one in root.findall("m:referenceTo", _NAMESPACE)),
        relationship=said("m:fullName").replace("__c", "__r") if kind == "Lookup" else "",
    )


@pytest.mark.parametrize(
    ("name", "fields"),
    [("Lead_Triage_Decision__c", DECISIONS.fields), ("Lead", ON_LEAD)],
)
def test_the_stand_in_has_the_fields_that_are_shipped(name: str, fields: tuple[Field, ...]) -> None:
    ours = {field.name: field for field in fields if field.name.endswith("__c")}
    assert ours == deployed(name)
