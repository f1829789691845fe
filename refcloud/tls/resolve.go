package tls

import (
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// nameServer answers for the zone, over TCP.
type nameServer struct {
	listen net.Listener
	server *dns.Server
	plan   atomic.Pointer[plan]
	zone   atomic.Pointer[zoneData]
}

func newNameServer() (*nameServer, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	n := &nameServer{listen: listener}
	n.server = &dns.Server{Listener: listener, Handler: n, ReadTimeout: idle, IdleTimeout: func() time.Duration { return idle }}
	return n, nil
}

// exchange is a query on its way to its answer, for the faults to change.
type exchange struct {
	query, answer *dns.Msg
	zone          *zoneData
	name          string // asked for, in lower case
	kind          uint16
	signed        bool // the client asks for signatures
	hangUp        bool // close the connection afterwards
}

// ServeDNS answers one query.
func (n *nameServer) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	x := &exchange{query: q, answer: new(dns.Msg), zone: n.zone.Load()}
	x.answer.SetReply(q)
	x.answer.Compress = true
	if len(q.Question) == 1 {
		x.name, x.kind = strings.ToLower(q.Question[0].Name), q.Question[0].Qtype
	}
	if opt := q.IsEdns0(); opt != nil {
		x.signed = opt.Do()
	}
	x.resolve()
	if opt := q.IsEdns0(); opt != nil {
		x.answer.SetEdns0(1232, x.signed)
		if opt.Version() > 0 {
			x.answer.Answer, x.answer.Ns, x.answer.Rcode = nil, nil, dns.RcodeBadVers
		}
	}
	for _, change := range n.plan.Load().reply {
		change(x)
	}
	w.WriteMsg(x.answer)
	if x.hangUp {
		w.Close()
	}
}

// resolve fills in the answer of the clean server.
func (x *exchange) resolve() {
	z, m := x.zone, x.answer
	switch {
	case x.name == "" || x.query.Opcode != dns.OpcodeQuery || x.query.Question[0].Qclass != dns.ClassINET:
		m.Rcode = dns.RcodeNotImplemented
		return
	case !dns.IsSubDomain(z.apex, x.name), x.kind == dns.TypeAXFR, x.kind == dns.TypeIXFR:
		m.Rcode = dns.RcodeRefused
		return
	}
	m.Authoritative = true
	set := z.sets[x.name][x.kind]
	if len(set) > 0 {
		m.Answer = append(m.Answer, set...)
		if x.signed {
			m.Answer = append(m.Answer, z.sigs[x.name][x.kind]...)
		}
		return
	}
	if !z.exists(x.name) {
		m.Rcode = dns.RcodeNameError
	}
	x.negative(z.apex, dns.TypeSOA)
	if x.signed {
		x.deny()
	}
}

// exists reports whether a name has records, or leads to one that has.
func (z *zoneData) exists(name string) bool {
	for known := range z.sets {
		if dns.IsSubDomain(name, known) {
			return true
		}
	}
	return false
}

// negative adds a set to the authority section, with its signatures when asked for,
// once.
func (x *exchange) negative(name string, kind uint16) {
	set := x.zone.sets[name][kind]
	if len(set) == 0 || slices.Contains(x.answer.Ns, set[0]) {
		return
	}
	x.answer.Ns = append(x.answer.Ns, set...)
	if x.signed {
		x.answer.Ns = append(x.answer.Ns, x.zone.sigs[name][kind]...)
	}
}

// deny adds the proof that the name, or the type at the name, isn't there.
func (x *exchange) deny() {
	z := x.zone
	closest := x.name
	next := x.name
	for !z.exists(closest) {
		next = closest
		_, closest, _ = strings.Cut(closest, ".")
	}
	if z.plan.nsec3 {
		x.hashed(closest)
		if closest != x.name {
			x.hashed(next)
			x.hashed("*." + closest)
		}
		return
	}
	x.negative(z.preceding(x.name), dns.TypeNSEC)
	if closest != x.name {
		x.negative(z.preceding("*."+closest), dns.TypeNSEC)
	}
}

// preceding is the last name of the chain that isn't after a name.
func (z *zoneData) preceding(name string) string {
	last := z.chain[len(z.chain)-1]
	for _, known := range z.chain {
		if before(name, known) {
			break
		}
		last = known
	}
	return last
}

// hashed adds the NSEC3 record that matches or covers a name.
func (x *exchange) hashed(name string) {
	z := x.zone
	hash := dns.HashName(name, dns.SHA1, z.plan.iterations, "")
	last := z.chain[len(z.chain)-1]
	for _, known := range z.chain {
		if known > hash {
			break
		}
		last = known
	}
	rr := z.nsec3[last]
	if slices.Contains(x.answer.Ns, rr) {
		return
	}
	x.answer.Ns = append(x.answer.Ns, rr)
	x.answer.Ns = append(x.answer.Ns, z.sigs[strings.ToLower(rr.Header().Name)][dns.TypeNSEC3]...)
}
