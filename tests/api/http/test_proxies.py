"""How callers reach us: Host, Forwarded and X-Forwarded-* are believed of configured proxies only."""

from __future__ import annotations

from unittest import mock

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from erstwhile.api.database.settings import MalformedSetting, Settings
from erstwhile.api.problems import Problem
from erstwhile.api.support.proxies import Edge, MalformedEdge, edge_of

PROXY = "10.0.0.7"


def request_of(peer: str = PROXY, socket: str = "10.0.0.9", **headers: str) -> web.Request:
    transport = mock.Mock()
    names = {"peername": (peer, 4711), "sockname": (socket, 8080), "sslcontext": None}
    transport.get_extra_info = lambda name, default=None: names.get(name, default)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("GET", "/", headers={"Host": "app.example"} | given, transport=transport)


def behind(*networks: str, headers: str = "", public_url: str = "") -> Edge:
    return edge_of(public_url, networks, headers)


@pytest.mark.parametrize(("headers", "address"), [
    ({"X_Forwarded_For": "203.0.113.9"}, "203.0.113.9"),
    ({"X_Forwarded_For": "1.2.3.4, 203.0.113.9"}, "203.0.113.9"),  # what stands before it, the caller wrote itself
    ({"X_Forwarded_For": "203.0.113.9, 10.0.0.8"}, "203.0.113.9"),  # two proxies of ours
    ({"X_Forwarded_For": "10.0.0.3, 10.0.0.8"}, "10.0.0.3"),
    ({"X_Forwarded_For": "203.0.113.9:5123"}, "203.0.113.9"),
    ({"X_Forwarded_For": "203.0.113.9, not an address"}, PROXY),
    ({"Forwarded": 'for="[2001:db8::1]:4711";proto=https'}, "2001:db8::1"),
    ({"Forwarded": "for=1.2.3.4, For=203.0.113.9 ; proto=https"}, "203.0.113.9"),
    ({"Forwarded": "for=1.2.3.4, for=_hidden"}, PROXY),
    ({"Forwarded": "for=1.2.3.4,,,"}, PROXY),
    ({"Forwarded": 'for="1.2.3.4'}, PROXY),
    ({}, PROXY),
])  # fmt: skip
def test_the_callers_address_behind_proxies(headers: dict[str, str], address: str) -> None:
    assert behind("10.0.0.0/24").address(request_of(**headers)) == address


@pytest.mark.parametrize(
    "headers", [{"X_Forwarded_For": "1.2.3.4"}, {"Forwarded": "for=1.2.3.4;proto=https;host=evil"}]
)
def test_nobody_else_is_believed(headers: dict[str, str]) -> None:
    for edge in (Edge(), behind("192.0.2.1")):
        request = request_of(peer="198.51.100.5", **headers)
        assert edge.address(request) == "198.51.100.5"
        assert not edge.is_secure(request)
        assert edge.base_url(request) == "http://10.0.0.9:8080"


def test_two_families_that_disagree_are_refused_until_a_setting_says_which() -> None:
    request = request_of(X_Forwarded_For="1.2.3.4", Forwarded="for=203.0.113.9")
    with pytest.raises(Problem, match="ERSTWHILE_PROXY_HEADERS"):
        behind(PROXY).address(request)
    assert behind(PROXY, headers="forwarded").address(request) == "203.0.113.9"
    assert behind(PROXY, headers="x-forwarded").address(request) == "1.2.3.4"


def test_scheme_and_host_are_those_that_the_caller_used() -> None:
    told = request_of(X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https", X_Forwarded_Host="access.example")
    assert behind(PROXY).base_url(told) == "https://access.example"
    assert behind(PROXY).is_secure(told)
    forwarded = request_of(Forwarded='for=203.0.113.9;proto=https;host="access.example:8443"')
    assert behind(PROXY).base_url(forwarded) == "https://access.example:8443"
    assert behind(PROXY).base_url(request_of(X_Forwarded_For="203.0.113.9")) == "http://app.example"
    spoilt = request_of(X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="javascript", X_Forwarded_Host='x"><script>')
    assert behind(PROXY).base_url(spoilt) == "http://app.example"


def test_a_public_url_is_what_everybody_is_told() -> None:
    edge = behind(public_url="https://Access.example/pdp/")
    assert edge.base_url(request_of(Host="evil.example")) == "https://access.example/pdp"


def test_without_a_proxy_a_host_is_repeated_only_where_it_names_our_socket() -> None:
    here = "127.0.0.1"
    for host in ("localhost:8080", "127.0.0.1:8080", "[::1]:8080"):
        assert Edge().base_url(request_of(socket=here, Host=host)) == f"http://{host}"
    for host in ("evil.example", "evil.example:8080", "localhost:81", "127.0.0.1.evil.example:8080", ""):
        assert Edge().base_url(request_of(socket=here, Host=host)) == "http://127.0.0.1:8080"
    assert Edge().base_url(request_of(Host="localhost:8080")) == "http://10.0.0.9:8080"
    assert Edge().base_url(request_of(socket="::1", Host="x")) == "http://[::1]:8080"


def test_pages_of_other_sites_are_refused() -> None:
    here = "127.0.0.1"
    Edge().require_own_origin(request_of(socket=here, Host="localhost:8080", Origin="http://localhost:8080"))
    behind(public_url="https://access.example/x").require_own_origin(request_of(Origin="https://access.example"))
    for host, origin in (
        ("localhost:8080", "http://evil.example"), ("localhost:8080", "null"), ("localhost:8080", ""),
        ("evil.example:8080", "http://evil.example:8080"),  # a name that was made to lead here
        ("localhost:8080", "https://localhost:8080"), ("localhost:8080", "http://localhost:3000"),
    ):  # fmt: skip
        with pytest.raises(Problem, match="another site"):
            Edge().require_own_origin(request_of(socket=here, Host=host, Origin=origin))


@pytest.mark.parametrize(("public_url", "proxies", "headers", "setting"), [
    ("access.example", (), "", "public_url"), ("https://", (), "", "public_url"), ("ftp://x", (), "", "public_url"),
    ("https://a b", (), "", "public_url"), ("https://u:p@x", (), "", "public_url"),
    ("https://x?y", (), "", "public_url"),
    ("", ("everybody",), "", "trusted_proxies"), ("", ("10.0.0.0/99",), "", "trusted_proxies"),
    ("", (), "via", "proxy_headers"),
])  # fmt: skip
def test_settings_that_cannot_be_used(public_url: str, proxies: tuple[str, ...], headers: str, setting: str) -> None:
    with pytest.raises(MalformedEdge) as raised:
        edge_of(public_url, proxies, headers)
    assert raised.value.setting == setting


def test_the_environment_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERSTWHILE_PUBLIC_URL", "https://access.example/")
    monkeypatch.setenv("ERSTWHILE_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::/32")
    monkeypatch.setenv("ERSTWHILE_PROXY_HEADERS", "forwarded")
    edge = Settings.from_environment().edge
    assert (edge.public_url, len(edge.proxies), edge.headers) == ("https://access.example", 2, "forwarded")
    for name, value in (("PUBLIC_URL", "x"), ("TRUSTED_PROXIES", "x"), ("PROXY_HEADERS", "x"), ("PORT", "²")):
        with monkeypatch.context() as changed:
            changed.setenv(f"ERSTWHILE_{name}", value)
            with pytest.raises(MalformedSetting, match=f"ERSTWHILE_{name}"):
                Settings.from_environment()
