"""What an admin deploys is valid, and says the same as the code and the stand-in."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.salesforce.org.extras import DECISIONS, ON_LEAD
from triage.crm.salesforce.api import VERSION
from triage.crm.salesforce.keeping import decision_rows
from triage.crm.salesforce.keeping.decision_object import FIELDS, KEY, LEAD_FIELDS, OBJECT, FieldSpec
from triage.crm.salesforce.keeping.kept import Kept
from triage.crm.salesforce.reviewing.answer_rows import row_body
from triage.crm.salesforce.setting_up.metadata_setup import write_metadata
from triage.domain.review import Reply, ReplyKind
from triage.errors import ExportFailed

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
TYPES = {
    "reference": "Lookup",
    "picklist": "Picklist",
    "string": "Text",
    "textarea": "LongTextArea",
    "double": "Number",
    "datetime": "DateTime",
}
EVERY_FIELD = [*((OBJECT, spec) for spec in FIELDS), *(("Lead", spec) for spec in LEAD_FIELDS)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_metadata(tmp_path_factory.mktemp("deploy") / "made")


@pytest.fixture
def app(folder: Path) -> Path:
    return folder / "force-app" / "main" / "default"


def read(path: Path) -> ET.Element:
    return ET.parse(path).getroot()


def said(element: ET.Element, name: str) -> list[str]:
    return [(one.text or "") for one in element.iter(f"{NAMESPACE}{name}")]


def test_every_file_is_xml_of_the_metadata_namespace_and_named_after_what_it_holds(folder: Path) -> None:
    files = list(folder.rglob("*.xml"))
    assert files
    for path in files:
        root = read(path)
        assert root.tag.startswith(NAMESPACE)
        named = root.find(f"{NAMESPACE}fullName")
        assert named is None or path.name.startswith(f"{named.text}.")


def test_the_project_is_of_the_version_that_the_code_speaks(folder: Path) -> None:
    project = json.loads((folder / "sfdx-project.json").read_text(encoding="utf-8"))
    assert f"v{project['sourceApiVersion']}" == VERSION
    assert [one["path"] for one in project["packageDirectories"]] == ["force-app"]
    assert said(read(folder / "manifest" / "package.xml"), "version") == [VERSION.removeprefix("v")]


def test_the_manifest_names_all_that_is_deployed_and_nothing_else(folder: Path, app: Path) -> None:
    package = read(folder / "manifest" / "package.xml")
    listed = {said(one, "name")[0]: set(said(one, "members")) for one in package.findall(f"{NAMESPACE}types")}
    fields = {f"{path.parts[-3]}.{path.name.split('.')[0]}" for path in app.rglob("*.field-meta.xml")}
    views = {f"{OBJECT}.{path.name.split('.')[0]}" for path in app.rglob("*.listView-meta.xml")}
    sets = {path.name.split(".")[0] for path in app.rglob("*.permissionset-meta.xml")}
    assert listed == {
        "CustomField": fields,
        "CustomObject": {OBJECT},
        "CustomTab": {OBJECT},
        "ListView": views,
        "PermissionSet": sets,
    }


@pytest.mark.parametrize(("of", "spec"), EVERY_FIELD, ids=lambda one: getattr(one, "name", one))
def test_each_field_is_deployed_as_the_code_needs_it(app: Path, of: str, spec: FieldSpec) -> None:
    root = read(app / "objects" / of / "fields" / f"{spec.name}.field-meta.xml")
    assert said(root, "type") == [TYPES[spec.type]]
    if spec.type in ("string", "textarea"):
        assert said(root, "length") == [str(spec.length)]
    if spec.type == "picklist":
        values = root.find(f"{NAMESPACE}valueSet")
        assert values is not None
        assert tuple(said(values, "fullName")) == spec.values
    if spec.refers_to:
        assert said(root, "referenceTo") == [spec.refers_to]


def test_no_field_is_deployed_that_the_code_does_not_know(app: Path) -> None:
    deployed = {(path.parts[-3], path.name.split(".")[0]) for path in app.rglob("*.field-meta.xml")}
    assert deployed == {(of, spec.name) for of, spec in EVERY_FIELD}


def test_the_key_is_unique_an_external_id_and_tells_case_apart(app: Path) -> None:
    root = read(app / "objects" / OBJECT / "fields" / f"{KEY}.field-meta.xml")
    assert [said(root, name) for name in ("unique", "externalId", "caseSensitive", "required")] == [
        ["true"]
    ] * 4


@pytest.mark.parametrize(
    ("name", "writes_answers"), [("Lead_Triage", False), ("Lead_Triage_Marketing", True)]
)
def test_a_permission_set_opens_every_field_but_the_required_one(
    app: Path, name: str, writes_answers: bool
) -> None:
    root = read(app / "permissionsets" / f"{name}.permissionset-meta.xml")
    given = {
        said(one, "field")[0]: said(one, "editable")[0]
        for one in root.findall(f"{NAMESPACE}fieldPermissions")
    }
    assert given == {
        f"{of}.{spec.name}": "true" if writes_answers or not spec.for_marketing else "false"
        for of, spec in EVERY_FIELD
        if spec.name != KEY
    }


def test_the_stand_in_has_the_object_as_it_is_deployed() -> None:
    stands = {field.name: field for field in DECISIONS.fields}
    for spec in FIELDS:
        field = stands[spec.name]
        assert field.type == spec.type
        assert set(spec.values) <= set(field.values)
        assert not spec.refers_to or field.refers == (spec.refers_to,)
        assert spec.type not in ("string", "textarea") or field.length == spec.length
    assert {name for name in stands if name.endswith("__c")} == {spec.name for spec in FIELDS}
    assert {field.name for field in ON_LEAD} == {spec.name for spec in LEAD_FIELDS}


def test_every_column_that_is_read_or_written_is_deployed() -> None:
    known = {spec.name for spec in FIELDS}
    custom = {name for name in decision_rows.ALL if name.endswith("__c")}
    answer = row_body(
        Reply("R", "D", ReplyKind.PLANNED, "Yes.", link="x"), Kept("a00", "D", "decision", lead_id="00Q")
    )
    assert custom | set(answer) <= known


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(ExportFailed):
        write_metadata(tmp_path / "file")
