package tls

import (
	"errors"
	"fmt"
	"slices"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/load/wire"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// mostPage is the longest page that is read under load, in bytes.
const mostPage = 256 << 10

// loads is the table of what may be put under load.
var loads = []probe.Load{{
	Operation: "page", Rule: "RFC 9110 section 9.3.1", Features: []string{web}, OpBytes: mostPage + 8<<10,
	Title:   lang.T("Servir la page du réglage « path »", "Serve the page of the setting path"),
	Prepare: preparePage,
}}

var errEmpty = errors.New("an empty page")

// preparePage reads the page once: what comes later must have its status, and a body if
// it had one.
func preparePage(t *probe.T) load.Workload {
	e, err := endpointOf(t.Session())
	if err != nil {
		t.Bug(err)
	}
	path := t.Session().Setting("path", "/")
	first := e.get(t, "GET", path)
	t.Want(first.status < 400, first.did, fmt.Sprint(first.status), "a page")
	server := &wire.Server{Address: t.Session().Address(), Dial: t.Session().Connect, TLS: t.Session().TLS(), MostBody: mostPage}
	server.TLS.ServerName = sni(e.name)
	if server.TLS.ServerName == "" {
		server.TLS.ServerName = e.name // an address: verified, not sent
	}
	if slices.Contains(t.Session().Service.Features, alpn) {
		server.TLS.NextProtos = []string{"http/1.1"}
	}
	head := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: aloi\r\n\r\n", path, e.name)
	length := int64(len(first.body))
	return &wire.Fetch{
		Server: server,
		Head:   func(into []byte, _ *load.Op) []byte { return append(into, head...) },
		Check: func(a *wire.Answer) error {
			if err := a.Check(first.status); err != nil {
				return err
			}
			if a.Length == 0 && length > 0 { // pages may differ from one time to the next
				return load.Fail(load.Wrong, errEmpty)
			}
			return nil
		},
	}
}
