package tls

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/miekg/dns"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// zoneChecks ask the zone's server what any resolver asks, and what strangers try.
var zoneChecks = []probe.Check{
	{
		ID: "tls/dns/authoritative", Rule: "RFC 1034 section 4.3.1, RFC 1035 section 4.1.1", Features: []string{names},
		Title: lang.T("Le serveur fait autorité sur la zone", "The server has authority over the zone"),
		Run:   zoned(wantAuthority),
	},
	{
		ID: "tls/dns/name-servers", Rule: "RFC 1034 section 4.1, RFC 2182 section 5", Features: []string{names},
		Title: lang.T("La zone a plusieurs serveurs de noms", "The zone has several name servers"),
		Run:   zoned(wantServers),
	},
	{
		ID: "tls/dns/address", Rule: "RFC 1035 section 3.4.1, RFC 3596", Features: []string{names},
		Title: lang.T("Le nom du service a une adresse", "The service's name has an address"),
		Run:   zoned(wantAddress),
	},
	{
		ID: "tls/dns/ipv6", Rule: "RFC 3596 section 2", Features: []string{names, ipv6},
		Title: lang.T("Le nom du service a une adresse IPv6", "The service's name has an IPv6 address"),
		Run:   zoned(func(t *probe.T, z *zone) { z.want(t, query(z.host, dns.TypeAAAA)) }),
	},
	{
		ID: "tls/dns/missing-name", Rule: "RFC 2308 section 2.1", Features: []string{names},
		Title: lang.T("Un nom absent répond NXDOMAIN avec le SOA de la zone", "A missing name answers NXDOMAIN with the zone's SOA"),
		Run: zoned(func(t *probe.T, z *zone) {
			wantNegative(t, z, query(t.Name()+"."+z.host, dns.TypeA), dns.RcodeNameError)
		}),
	},
	{
		ID: "tls/dns/no-data", Rule: "RFC 2308 section 2.2", Features: []string{names},
		Title: lang.T("Un type absent répond sans erreur, avec le SOA de la zone", "A missing type answers without an error, with the zone's SOA"),
		Run:   zoned(func(t *probe.T, z *zone) { wantNegative(t, z, query(z.host, dns.TypeLOC), dns.RcodeSuccess) }),
	},
	{
		ID: "tls/dns/unknown-type", Rule: "RFC 3597 section 3", Features: []string{names},
		Title: lang.T("Un type de données inconnu ne trouble pas le serveur", "An unknown type of data doesn't disturb the server"),
		Run:   zoned(func(t *probe.T, z *zone) { wantNegative(t, z, query(z.host, 65280), dns.RcodeSuccess) }),
	},
	{
		ID: "tls/dns/letter-case", Rule: "RFC 4343 sections 3 and 4.1", Features: []string{names},
		Title: lang.T("Les noms se trouvent quelle que soit la casse", "Names are found whatever the case of their letters"),
		Run: zoned(func(t *probe.T, z *zone) {
			z.want(t, query(mixed(z.apex), dns.TypeSOA))
		}),
	},
	{
		ID: "tls/dns/edns", Rule: "RFC 6891 section 6.1.1", Features: []string{names},
		Title: lang.T("Le serveur parle EDNS", "The server speaks EDNS"),
		Run: zoned(func(t *probe.T, z *zone) {
			r, did := z.want(t, query(z.apex, dns.TypeSOA).SetEdns0(1232, false))
			t.Want(r.IsEdns0() != nil, did, got(r)+" and no OPT", "an OPT record in the answer")
		}),
	},
	{
		ID: "tls/dns/edns-version", Rule: "RFC 6891 section 6.1.3", Features: []string{names},
		Title: lang.T("Une version inconnue d'EDNS répond BADVERS", "An unknown version of EDNS answers BADVERS"),
		Run:   zoned(wantBadVersion),
	},
	{
		ID: "tls/dns/several-queries", Rule: "RFC 7766 section 6.2.1", Features: []string{names},
		Title: lang.T("Une connexion TCP sert à plusieurs questions", "A TCP connection serves several queries"),
		Run:   zoned(wantKept),
	},
	{
		ID: "tls/dns/recursion", Rule: "RFC 5358 section 4", Features: []string{names},
		Title: lang.T("Le serveur ne cherche pas les noms d'autrui", "The server doesn't look up other people's names"),
		Run:   zoned(wantNoRecursion),
	},
	{
		ID: "tls/dns/transfer", Rule: "RFC 5936 section 5", Features: []string{names},
		Title: lang.T("La zone entière n'est pas donnée à n'importe qui", "The whole zone isn't given to anyone"),
		Run:   zoned(wantNoTransfer),
	},
	{
		ID: "tls/dns/issuers", Rule: "RFC 8659 sections 3 and 4.2", Features: []string{names, caa},
		Title: lang.T("La zone dit quelles autorités peuvent émettre ses certificats (CAA)", "The zone says which authorities may issue its certificates (CAA)"),
		Run:   zoned(wantIssuers),
	},
	{
		ID: "tls/dns/issuer-allowed", Rule: "RFC 8659 section 4.2", Features: []string{names, caa},
		Title: lang.T("L'autorité du certificat est parmi elles", "The certificate's authority is among them"),
		Run:   zoned(wantIssuerAllowed),
	},
	{
		ID: "tls/dns/dane", Rule: "RFC 6698 section 2.1", Features: []string{names, dane},
		Title: lang.T("L'enregistrement TLSA désigne le certificat du service", "The TLSA record designates the service's certificate"),
		Run:   zoned(wantDANE),
	},
}

func wantAuthority(t *probe.T, z *zone) {
	r, did := z.want(t, query(z.apex, dns.TypeSOA))
	t.Want(r.Authoritative, did, got(r), "an authoritative answer")
	t.Want(len(records[*dns.SOA](r.Answer, z.apex)) == 1, did, got(r), "one SOA")
}

func wantServers(t *probe.T, z *zone) {
	r, did := z.want(t, query(z.apex, dns.TypeNS))
	seen := map[string]bool{}
	for _, ns := range records[*dns.NS](r.Answer, z.apex) {
		seen[strings.ToLower(ns.Ns)] = true
	}
	t.Want(len(seen) >= 2, did, fmt.Sprintf("%d name server", len(seen)), "two or more")
}

// wantAddress follows an alias only within the answer: where it leads may be
// somebody else's business.
func wantAddress(t *probe.T, z *zone) {
	var last *dns.Msg
	var did string
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		last, did = z.ask(t, query(z.host, kind))
		alias := len(records[*dns.CNAME](last.Answer, z.host)) > 0
		found := len(records[*dns.A](last.Answer, z.host))+len(records[*dns.AAAA](last.Answer, z.host)) > 0
		if last.Rcode == dns.RcodeSuccess && (found || alias) {
			return
		}
	}
	t.Fail(did, got(last), "an address, A or AAAA")
}

// wantNegative wants an empty answer with that code and the SOA that says how long
// it holds.
func wantNegative(t *probe.T, z *zone, m *dns.Msg, rcode int) {
	r, did := z.ask(t, m)
	t.Want(r.Rcode == rcode && len(r.Answer) == 0, did, got(r), dns.RcodeToString[rcode]+" and no record")
	t.Want(len(records[*dns.SOA](r.Ns, z.apex)) == 1, did, got(r)+" and no SOA", "the SOA of "+z.apex)
}

// mixed writes every other letter of a name in capitals.
func mixed(name string) string {
	b := []byte(name)
	for i := 0; i < len(b); i += 2 {
		b[i] = strings.ToUpper(string(b[i]))[0]
	}
	return string(b)
}

func wantBadVersion(t *probe.T, z *zone) {
	m := query(z.apex, dns.TypeSOA).SetEdns0(1232, false)
	m.IsEdns0().SetVersion(1)
	r, did := z.ask(t, m)
	t.Want(r.Rcode == dns.RcodeBadVers && r.IsEdns0() != nil, did+" with EDNS version 1", got(r), "BADVERS")
}

func wantKept(t *probe.T, z *zone) {
	const did = "three queries on one connection"
	answers, err := z.exchange(t.Context(), query(z.apex, dns.TypeSOA), query(z.host, dns.TypeA), query(z.apex, dns.TypeNS))
	if len(answers) == 1 && (errors.Is(err, io.EOF) || reset(err)) && t.Context().Err() == nil {
		t.Fail(did, "a connection closed after the first answer", "three answers")
	}
	t.Do(did, err)
}

// reset reports whether the peer broke a connection.
func reset(err error) bool {
	var network net.Error
	return errors.As(err, &network) && !network.Timeout() && !errors.Is(err, net.ErrClosed)
}

// wantNoRecursion asks for a name of the root that nobody serves here, as one who
// uses a stranger's resolver would.
func wantNoRecursion(t *probe.T, z *zone) {
	m := query("iana.org.", dns.TypeA)
	m.RecursionDesired = true
	r, did := z.ask(t, m)
	t.Want(!r.RecursionAvailable, did, got(r)+" with recursion available", "no recursion")
	t.Want(len(r.Answer) == 0, did, got(r), "REFUSED")
}

func wantNoTransfer(t *probe.T, z *zone) {
	const did = "a transfer (AXFR) of the zone"
	m := query(z.apex, dns.TypeAXFR)
	answers, err := z.exchange(t.Context(), m)
	if len(answers) == 0 && (errors.Is(err, io.EOF) || reset(err)) && t.Context().Err() == nil {
		z.want(t, query(z.apex, dns.TypeSOA)) // hung up on, by a server that answers others
		return
	}
	t.Do(did, err)
	r := answers[0]
	t.Note("DNS", did, r.String())
	t.Want(len(r.Answer) == 0, did, got(r), "REFUSED")
}

// caaSet climbs from the endpoint's name to the zone's (RFC 8659 section 3).
func caaSet(t *probe.T, z *zone) (set []*dns.CAA, did string) {
	for name := z.host; ; {
		var r *dns.Msg
		r, did = z.ask(t, query(name, dns.TypeCAA))
		t.Want(r.Rcode == dns.RcodeSuccess || r.Rcode == dns.RcodeNameError, did, got(r), "NOERROR")
		set = records[*dns.CAA](r.Answer, name)
		if len(set) > 0 || strings.EqualFold(name, z.apex) {
			return set, did
		}
		_, rest, ok := strings.Cut(name, ".")
		if !ok || rest == "" {
			return set, did
		}
		name = rest
	}
}

func wantIssuers(t *probe.T, z *zone) {
	set, did := caaSet(t, z)
	for _, r := range set {
		if r.Tag == "issue" {
			return
		}
	}
	t.Fail(did, fmt.Sprintf("%d CAA records, none of them \"issue\"", len(set)), "CAA with issue")
}

// wantIssuerAllowed has nothing to say of a name that allows everyone.
func wantIssuerAllowed(t *probe.T, z *zone) {
	issuer := z.e.session.Setting("issuer", "")
	if issuer == "" {
		t.Unsupported(caa + " (issuer)")
	}
	set, did := caaSet(t, z)
	var listed []string
	for _, r := range set {
		t.Want(r.Flag&128 == 0 || r.Tag == "issue" || r.Tag == "issuewild" || r.Tag == "iodef", did, "a critical tag "+r.Tag, "critical tags that authorities know")
		if r.Tag == "issue" {
			domain, _, _ := strings.Cut(r.Value, ";")
			listed = append(listed, strings.TrimSpace(domain))
		}
	}
	for _, domain := range listed {
		if strings.EqualFold(domain, issuer) {
			return
		}
	}
	t.Want(len(listed) == 0, did, fmt.Sprintf("CAA for %q", listed), issuer+" among them")
}

// wantDANE compares the record with the certificates that the endpoint shows.
func wantDANE(t *probe.T, z *zone) {
	_, port, err := net.SplitHostPort(z.e.address)
	if err != nil {
		t.Bug(err)
	}
	name := "_" + port + "._tcp." + z.host
	r, did := z.want(t, query(name, dns.TypeTLSA))
	chain := z.e.state(t, "a handshake", nil).PeerCertificates
	for _, rr := range records[*dns.TLSA](r.Answer, name) {
		for i, c := range chain {
			leaf := rr.Usage == 1 || rr.Usage == 3
			if leaf == (i == 0) && rr.Verify(c) == nil {
				return
			}
		}
	}
	t.Fail(did, fmt.Sprintf("%d TLSA records, none of which is the endpoint's certificate or its authority's", len(r.Answer)), "the certificate that the endpoint shows")
}
