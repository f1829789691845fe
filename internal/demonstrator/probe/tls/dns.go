package tls

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"aloi.dev/internal/demonstrator/probe"
)

// zone is the offer's zone at the server that the offer names. Everything is asked
// over TCP, which every server must speak (RFC 7766 section 5): a session has no UDP.
type zone struct {
	e      *endpoint
	server string // host:port
	apex   string // fully qualified
	host   string // the endpoint's name, fully qualified, at or below the apex
}

// zoned gives a check the zone of its session.
func zoned(run func(*probe.T, *zone)) func(*probe.T) {
	return with(func(t *probe.T, e *endpoint) {
		z, err := zoneOf(e)
		if err != nil {
			t.Bug(err)
		}
		run(t, z)
	})
}

func zoneOf(e *endpoint) (*zone, error) {
	z := &zone{e: e, server: e.session.Setting("resolver", ""), apex: dns.Fqdn(e.session.Setting("zone", "")), host: dns.Fqdn(e.name)}
	if _, _, err := net.SplitHostPort(z.server); err != nil {
		return nil, fmt.Errorf("setting resolver: %q is no host:port of a server of the zone", z.server)
	}
	if z.apex == "." || !dns.IsSubDomain(z.apex, z.host) {
		return nil, fmt.Errorf("setting zone: the name %s is not in the zone %q", z.host, z.apex)
	}
	return z, nil
}

// query is a question for the zone's server: no recursion is asked for.
func query(name string, kind uint16) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(name, kind)
	m.RecursionDesired = false
	return m
}

// signed is a query that asks for signatures too (RFC 4035 section 3.1).
func signed(name string, kind uint16) *dns.Msg { return query(name, kind).SetEdns0(4096, true) }

// ask sends one query over a connection of its own and returns the answer to it,
// whatever it says.
func (z *zone) ask(t *probe.T, m *dns.Msg) (*dns.Msg, string) {
	did := described(m)
	answers, err := z.exchange(t.Context(), m)
	t.Do(did, err)
	t.Note("DNS", did, answers[0].String())
	return answers[0], did
}

// exchange sends queries over one connection, each after the answer to the one before.
func (z *zone) exchange(ctx context.Context, queries ...*dns.Msg) ([]*dns.Msg, error) {
	conn, err := z.e.session.Dial(ctx, "tcp", z.server)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	c := &dns.Conn{Conn: conn}
	var answers []*dns.Msg
	for _, m := range queries {
		_ = conn.SetDeadline(time.Now().Add(2 * patience))
		if err := c.WriteMsg(m); err != nil {
			return answers, err
		}
		r, err := c.ReadMsg()
		if err != nil {
			return answers, err
		}
		if r.Id != m.Id || !r.Response || len(r.Question) > 1 || len(r.Question) == 1 && !same(r.Question[0], m.Question[0]) {
			return answers, errors.New("an answer to another question")
		}
		answers = append(answers, r)
	}
	return answers, nil
}

func same(a, b dns.Question) bool {
	return strings.EqualFold(a.Name, b.Name) && a.Qtype == b.Qtype && a.Qclass == b.Qclass
}

func described(m *dns.Msg) string {
	q := m.Question[0]
	return "DNS " + dns.Type(q.Qtype).String() + " of " + q.Name
}

// got says what an answer held: "NOERROR with 2 A, 1 RRSIG".
func got(r *dns.Msg) string {
	count := map[string]int{}
	for _, rr := range r.Answer {
		count[dns.Type(rr.Header().Rrtype).String()]++
	}
	text := dns.RcodeToString[r.Rcode]
	if !r.Authoritative {
		text += " (not authoritative)"
	}
	for i, kind := range known(count) {
		text += fmt.Sprintf("%s%d %s", map[bool]string{true: " with ", false: ", "}[i == 0], count[kind], kind)
	}
	if len(r.Answer) == 0 {
		text += " without answer"
	}
	return text
}

// records returns the records of one type at a name.
func records[R dns.RR](list []dns.RR, name string) []R {
	var found []R
	for _, rr := range list {
		if r, ok := rr.(R); ok && strings.EqualFold(rr.Header().Name, name) {
			found = append(found, r)
		}
	}
	return found
}

// want asks for a type at a name and ends the check unless it is there.
func (z *zone) want(t *probe.T, m *dns.Msg) (*dns.Msg, string) {
	r, did := z.ask(t, m)
	q := m.Question[0]
	there := slices.ContainsFunc(r.Answer, func(rr dns.RR) bool {
		return rr.Header().Rrtype == q.Qtype && strings.EqualFold(rr.Header().Name, q.Name)
	})
	t.Want(r.Rcode == dns.RcodeSuccess && there, did, got(r), "NOERROR with "+dns.Type(q.Qtype).String())
	return r, did
}
