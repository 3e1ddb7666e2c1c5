"""What an object and a field are: names, types, what may be written, and what the describe call says of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

TEXTS = frozenset({"string", "picklist", "email", "phone", "url", "textarea", "combobox"})
NUMBERS = frozenset({"int", "double", "currency", "percent"})
IDS = frozenset({"id", "reference"})


@dataclass(frozen=True)
class Field:
    """One field of an object, as an administrator has set it up."""

    name: str
    type: str = "string"
    length: int = 255
    values: tuple[str, ...] = ()
    restricted: bool = False
    refers: tuple[str, ...] = ()
    relationship: str = ""
    writable: bool = True
    required: bool = False
    external_id: bool = False
    case_sensitive: bool = False
    long: bool = False
    """A long text area: it can be neither filtered nor sorted by."""
    default: Any = None
    scale: int = 0

    def described(self, *, updateable: bool) -> dict[str, Any]:
        """Return it as the describe call has it."""
        return {
            "name": self.name,
            "label": self.name.removesuffix("__c").replace("_", " "),
            "type": self.type,
            "length": self.length if self.type in TEXTS else 18 if self.type in IDS else 0,
            "updateable": updateable,
            "createable": updateable,
            "nillable": not self.required,
            "custom": self.name.endswith("__c"),
            "calculated": False,
            "filterable": not self.long,
            "sortable": not self.long,
            "externalId": self.external_id,
            "unique": self.external_id,
            "caseSensitive": self.case_sensitive,
            "idLookup": self.external_id or self.name == "Id",
            "restrictedPicklist": self.restricted,
            "picklistValues": [
                {"active": True, "defaultValue": value == self.default, "label": value, "value": value}
                for value in self.values
            ],
            "referenceTo": list(self.refers),
            "relationshipName": self.relationship or None,
        }


@dataclass(frozen=True)
class SObject:
    """One kind of record."""

    name: str
    prefix: str
    fields: tuple[Field, ...]
    children: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Child relationships: name -> (object, its field that points here)."""
    writable: bool = True
    deletable: bool = True

    def __post_init__(self) -> None:
        by_name = {one.name.lower(): one for one in self.fields}
        object.__setattr__(self, "_by_name", by_name)
        relations = {one.relationship.lower(): one for one in self.fields if one.relationship}
        object.__setattr__(self, "_relations", relations)

    def field(self, name: str) -> Field | None:
        """Return the field of a name in whatever case, or None."""
        found: Field | None = self.__dict__["_by_name"].get(name.lower())
        return found

    def relation(self, name: str) -> Field | None:
        """Return the field behind a relationship's name, or None."""
        found: Field | None = self.__dict__["_relations"].get(name.lower())
        return found

    @property
    def external_ids(self) -> tuple[Field, ...]:
        """The fields by which a record may be upserted."""
        return tuple(one for one in self.fields if one.external_id)

    def with_fields(self, *more: Field) -> SObject:
        """Return it with further fields; one of the same name is replaced."""
        names = {one.name.lower() for one in more}
        kept = tuple(one for one in self.fields if one.name.lower() not in names)
        return replace(self, fields=(*kept, *more))


def audit(*, owner: bool = False) -> tuple[Field, ...]:
    """Return the fields that every record has and nobody writes."""
    stamps = (
        Field("Id", "id", writable=False),
        Field("IsDeleted", "boolean", writable=False, default=False),
        Field("CreatedDate", "datetime", writable=False),
        Field("CreatedById", "reference", refers=("User",), relationship="CreatedBy", writable=False),
        Field("LastModifiedDate", "datetime", writable=False),
        Field(
            "LastModifiedById", "reference", refers=("User",), relationship="LastModifiedBy", writable=False
        ),
        Field("SystemModstamp", "datetime", writable=False),
    )
    owned = Field("OwnerId", "reference", refers=("User", "Group"), relationship="Owner")
    return (*stamps, owned) if owner else stamps
