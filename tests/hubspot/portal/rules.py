"""Admin validation rules: from 2026-09 on they hold on every way of writing. How a refusal is worded is not confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.hubspot.portal.problems import invalid_values


@dataclass
class Rules:
    needed: dict[str, str] = field(default_factory=dict)
    """The stage that cannot be entered without a property, and which one."""

    def require(self, stage: str, name: str) -> None:
        self.needed[stage] = name

    def check(self, values: Mapping[str, str], before: Mapping[str, str]) -> None:
        stage = values.get("hs_pipeline_stage", "")
        name = self.needed.get(stage, "")
        if not name or stage == before.get("hs_pipeline_stage") or {**before, **values}.get(name):
            return
        said = f'Property "{name}" is required to move the record to stage {stage}.'
        raise invalid_values([{"name": name, "error": "REQUIRED_PROPERTY_MISSING", "message": said}])
