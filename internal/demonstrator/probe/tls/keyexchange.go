package tls

import (
	stdtls "crypto/tls"
	"fmt"
	"slices"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// groupChecks ask in which groups keys are agreed on.
var groupChecks = []probe.Check{
	{
		ID: "tls/group/p256", Rule: "RFC 8446 section 9.1",
		Title: lang.T("Le groupe obligatoire P-256 est accepté", "The mandatory group P-256 is accepted"),
		Run:   with(func(t *probe.T, e *endpoint) { wantGroup(t, e, stdtls.CurveP256) }),
	},
	{
		ID: "tls/group/x25519", Rule: "RFC 8446 section 9.1, RFC 9325 section 4.2.1",
		Title: lang.T("Le groupe X25519 est accepté", "The group X25519 is accepted"),
		Run:   with(func(t *probe.T, e *endpoint) { wantGroup(t, e, stdtls.X25519) }),
	},
	{
		ID: "tls/group/retry", Rule: "RFC 8446 sections 4.1.4 and 4.2.8",
		Title: lang.T("Un client sans clé toute prête est invité à en envoyer une", "A client without a ready key is asked to send one"),
		Run:   with(wantRetry),
	},
	{
		ID: "tls/group/weak", Rule: "RFC 8422 section 5.1.1, RFC 9325 section 4.5",
		Title: lang.T("Les courbes faibles ou abandonnées sont refusées", "Weak or abandoned curves are refused"),
		Run: with(func(t *probe.T, e *endpoint) {
			h := e.hello12(e.profile.suiteIDs(true, strong)...)
			h.groups = slices.DeleteFunc(e.profile.groupIDs(false), func(id uint16) bool { return id > 25 })
			e.wantRefused(t, "TLS 1.2 with weak curves only", h)
		}),
	},
	{
		ID: "tls/group/dhe", Rule: "RFC 9325 section 4.5",
		Title: lang.T("Un échange Diffie-Hellman se fait dans un corps assez grand, ou pas du tout", "A Diffie-Hellman exchange uses a field that is large enough, or isn't made"),
		Run:   with(wantLargeField),
	},
	{
		ID: "tls/group/post-quantum", Rule: "draft-ietf-tls-ecdhe-mlkem", Features: []string{postQuantum},
		Title: lang.T("L'échange hybride post-quantique X25519MLKEM768 est accepté", "The hybrid post-quantum exchange X25519MLKEM768 is accepted"),
		Run:   with(func(t *probe.T, e *endpoint) { wantGroup(t, e, stdtls.X25519MLKEM768) }),
	},
}

// wantGroup makes a whole handshake in one group. One that the profile leaves to
// the server may be refused.
func wantGroup(t *probe.T, e *endpoint, id stdtls.CurveID) {
	did := "a handshake with " + groupName(uint16(id)) + " only"
	s := e.state(t, did, func(c *stdtls.Config) { c.CurvePreferences = []stdtls.CurveID{id} })
	t.Want(s.CurveID == id, did, "a key agreed on in "+groupName(uint16(s.CurveID)), groupName(uint16(id)))
}

// wantRetry names its groups and sends no share: the server must name one of them.
func wantRetry(t *probe.T, e *endpoint) {
	const did = "a hello of TLS 1.3 without a key share"
	if e.alive(t).hello.version < tls13 {
		return // no TLS 1.3 to speak of
	}
	h := e.hello13()
	h.versions, h.shares, h.noShares = []uint16{tls13}, nil, true
	got := e.wantHello(t, did, h)
	t.Want(got.retry && slices.Contains(h.groups, got.group), did,
		answer{hello: got}.String(), "a HelloRetryRequest for one of the groups offered")
}

// wantLargeField reads the prime of a server that agrees on a key that way.
func wantLargeField(t *probe.T, e *endpoint) {
	const did = "TLS 1.2 with the suites dhe"
	a := e.askWhole(t, did, e.hello12(of(finite)...))
	if a.refused() {
		e.alive(t)
		return
	}
	x, ok := a.keyExchange()
	least, _ := e.profile.shortest("DHE")
	t.Want(ok, did, a.String()+describe(a.messages)+" without a prime that can be read", "a ServerKeyExchange")
	t.Want(x.prime >= least, did, fmt.Sprintf("a prime of %d bits", x.prime), fmt.Sprintf("%d bits at least", least))
}
