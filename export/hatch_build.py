"""Pins the distributions that are released together to one version."""

from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class SameVersion(MetadataHookInterface):  # type: ignore[misc]
    """Puts the dependencies into the metadata, with this version for `{version}`."""

    def update(self, metadata: dict[str, Any]) -> None:
        metadata["dependencies"] = [
            requirement.format(version=metadata["version"])
            for requirement in self.config["dependencies"]
        ]
