"""Controls of frameworks, mapped to conditions and reports: as data, in YAML.

- `control`: a framework, its controls, and what each can be answered by; `finding`: a control by its name.
- `located`: YAML with the line of each of its parts.
- `reading`: frameworks from YAML, with errors that name the line and what is expected.
- `rules`: rules of separation of duties, from YAML.
- `frameworks`: SOC 2, ISO 27001, PCI DSS, CIS AWS and NIST 800-53, a file each.
"""
