"""What an image is made of: a table for people, and an SPDX 2.3 document in JSON for programs."""

import datetime
import hashlib
import json
import re
import subprocess
import urllib.parse

FIELDS = ("Package", "Version", "Architecture", "Source", "Homepage", "Section")


def describe(archive, folder):
    """The facts of a package: of its control file, and the licences of its copyright file below `folder`."""
    words = subprocess.run(
        ["dpkg-deb", "--field", str(archive), *FIELDS], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    facts = dict(re.findall(r"^(\w+): (.*)$", words, re.MULTILINE))
    notice = folder / "usr/share/doc" / facts["Package"] / "copyright"
    text = notice.read_text(errors="replace") if notice.is_file() else ""
    facts["Licences"] = sorted(set(re.findall(r"^License: *(\S.*?) *$", text, re.MULTILINE)))
    facts["Sha256"] = hashlib.sha256(archive.read_bytes()).hexdigest()
    facts["File"] = urllib.parse.unquote(archive.name)
    return facts


def _identifier(text):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", text)


def spdx(name, version, epoch, packages):
    """The document. Licences that Debian names in its own way are given as comments: SPDX has no such names."""
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    entries = [{
        "SPDXID": "SPDXRef-image", "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION", "primaryPackagePurpose": "FIRMWARE",
    }]
    relations = [{
        "spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-image"}]
    for facts in packages:
        identity = _identifier(f"{facts['Package']}-{facts['Architecture']}")
        purl = (f"pkg:deb/debian/{facts['Package']}@{urllib.parse.quote(facts['Version'], safe='')}"
                f"?arch={facts['Architecture']}")
        entries.append({
            "SPDXID": identity, "name": facts["Package"], "versionInfo": facts["Version"],
            "supplier": "Organization: Debian", "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "packageFileName": facts["File"], "checksums": [{"algorithm": "SHA256", "checksumValue": facts["Sha256"]}],
            "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
            "licenseComments": "Debian copyright file: " + (", ".join(facts["Licences"]) or "in free text"),
            "externalRefs": [{
                "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}],
        })
        relations.append({
            "spdxElementId": "SPDXRef-image", "relationshipType": "CONTAINS", "relatedSpdxElement": identity})
    digest = hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()
    return json.dumps({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": name,
        "documentNamespace": f"https://visiosalle.invalid/spdx/{name}-{digest}",
        "creationInfo": {"created": created, "creators": ["Tool: Visiosalle-Scripts-image"]},
        "packages": entries, "relationships": relations,
    }, indent=1, ensure_ascii=False) + "\n"


def table(packages):
    """A line per package: name, version, component, licences."""
    lines = ["package\tversion\tcomponent\tlicences"]
    for facts in packages:
        section = facts.get("Section", "")
        component = section.rpartition("/")[0] or "main"
        lines.append(f"{facts['Package']}\t{facts['Version']}\t{component}\t{', '.join(facts['Licences']) or 'in free text'}")
    return "\n".join(lines) + "\n"
