"""The first use of an access key from a network that is new for it: a /24 of IPv4, a /48 of IPv6."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network

from erstwhile.domain.detections.catalogue import NETWORK
from erstwhile.domain.detections.finding import Finding
from erstwhile.domain.incident.calls import Call

_BITS = {4: 24, 6: 48}
_SHOWN = 3


def network_of(address: str) -> str:
    """The network of an address; '' for what is none, such as the name of a service of AWS that called."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, _BITS[found.version]), strict=False))


def new_networks(uses: Iterable[Call], before: Mapping[str, Iterable[str]]) -> Iterator[Finding]:
    """`uses`: calls in order of time, of each key the first from each address at least. `before`: key → addresses (or
    networks' first addresses) from which it was used before these. The first network of a key is no finding: there is
    nothing that it differs from."""
    known: dict[str, dict[str, None]] = {
        key: dict.fromkeys(network for each in addresses if (network := network_of(each)))
        for key, addresses in before.items()
    }
    for use in uses:
        network = network_of(use.source_ip)
        seen = known.setdefault(use.access_key, {})
        if not network or network in seen:
            continue
        if seen:
            yield _finding(use, network, list(seen))
        seen[network] = None


def _finding(use: Call, network: str, seen: list[str]) -> Finding:
    shown = ", ".join(seen[:_SHOWN]) + (f" and {len(seen) - _SHOWN} more" if len(seen) > _SHOWN else "")
    whose = f" of {use.principal}" if use.principal else ""
    return Finding(
        kind=NETWORK, severity="medium", at=use.at, account=use.account, subject=use.access_key, detail=network,
        what=f"{use.access_key}{whose} was used from {network}; before, from {shown}", certainty="possible",
        because=("what the key was used from before is known as far as there are records",), call=use, is_once=True,
    )  # fmt: skip
