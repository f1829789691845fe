package tls

import (
	"net"
	"slices"
	"time"

	"github.com/miekg/dns"
)

var dnsFaults = []Fault{
	replied("tls.not-authoritative", "dns", "The server has no authority over the zone.", func(x *exchange) { x.answer.Authoritative = false }),
	zoned("tls.one-name-server", "The zone has one name server.", func(z *zoneData) {
		z.sets[z.apex][dns.TypeNS] = z.sets[z.apex][dns.TypeNS][:1]
	}),
	zoned("tls.address-missing", "The service's name has no address.", func(z *zoneData) {
		z.remove("www."+z.apex, dns.TypeA)
		z.remove("www."+z.apex, dns.TypeAAAA)
	}),
	zoned("tls.ipv6-missing", "The service's name has no IPv6 address.", func(z *zoneData) { z.remove("www."+z.apex, dns.TypeAAAA) }),
	replied("tls.missing-name-found", "dns", "A missing name answers without an error.", func(x *exchange) {
		if x.answer.Rcode == dns.RcodeNameError {
			x.answer.Rcode = dns.RcodeSuccess
		}
	}),
	replied("tls.no-data-nxdomain", "dns", "A missing type answers that the name is missing.", func(x *exchange) {
		if x.answer.Rcode == dns.RcodeSuccess && len(x.answer.Answer) == 0 {
			x.answer.Rcode = dns.RcodeNameError
		}
	}),
	replied("tls.negative-without-soa", "dns", "Negative answers come without the SOA.", func(x *exchange) {
		x.answer.Ns = slices.DeleteFunc(x.answer.Ns, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeSOA })
	}),
	replied("tls.unknown-type-refused", "dns", "An unknown type is answered by NOTIMP.", func(x *exchange) {
		if x.kind > 65000 {
			x.answer.Rcode, x.answer.Ns = dns.RcodeNotImplemented, nil
		}
	}),
	replied("tls.case-sensitive", "dns", "A name in capitals isn't found.", func(x *exchange) {
		if x.query.Question[0].Name != x.name {
			x.answer.Rcode, x.answer.Answer, x.answer.Authoritative = dns.RcodeRefused, nil, false
		}
	}),
	replied("tls.edns-ignored", "dns", "EDNS is ignored, unless signatures are asked for.", func(x *exchange) {
		if !x.signed && x.answer.Rcode != dns.RcodeBadVers {
			x.answer.Extra = nil
		}
	}),
	replied("tls.edns-version-ignored", "dns", "An unknown version of EDNS is answered as if it were known.", func(x *exchange) {
		if x.answer.Rcode == dns.RcodeBadVers {
			x.answer.Rcode = dns.RcodeSuccess
		}
	}),
	replied("tls.one-query", "dns", "The connection is closed after one answer.", func(x *exchange) { x.hangUp = true }),
	replied("tls.recursion-open", "dns", "The server looks up anyone's names for anyone.", func(x *exchange) {
		x.answer.RecursionAvailable = true
		if !dns.IsSubDomain(x.zone.apex, x.name) {
			x.answer.Rcode = dns.RcodeSuccess
			x.answer.Answer = []dns.RR{&dns.A{Hdr: header(x.query.Question[0].Name, dns.TypeA, 60), A: net.IPv4(192, 0, 2, 1)}}
		}
	}),
	replied("tls.transfer-open", "dns", "Anyone gets the whole zone.", func(x *exchange) {
		if x.kind == dns.TypeAXFR {
			soa := x.zone.sets[x.zone.apex][dns.TypeSOA]
			x.answer.Rcode, x.answer.Answer = dns.RcodeSuccess, slices.Concat(soa, x.zone.sets[x.zone.apex][dns.TypeNS], soa)
		}
	}),
	zoned("tls.caa-missing", "Any authority may issue certificates for the zone.", func(z *zoneData) { z.remove(z.apex, dns.TypeCAA) }),
	zoned("tls.caa-other", "Another authority than the certificate's is allowed to issue it.", func(z *zoneData) {
		z.sets[z.apex][dns.TypeCAA][0].(*dns.CAA).Value = "other-ca.example"
	}),
	{
		Name: "tls.tlsa-stale", Group: "dns", Text: "The TLSA record designates the key of last year.",
		Plant: func(p *plan) { p.zone.staleTLSA = true },
	},
}

var dnssecFaults = []Fault{
	{
		Name: "tls.dnskey-mismatch", Group: "dnssec", Text: "The zone's keys aren't those of the trust anchor.",
		Plant: func(p *plan) { p.zone.stranger = true },
	},
	{
		Name: "tls.signatures-expired", Group: "dnssec", Text: "The signatures expired yesterday.",
		Plant: func(p *plan) { p.zone.from, p.zone.to = -15*day, -day },
	},
	{
		Name: "tls.signatures-end-soon", Group: "dnssec", Text: "The signatures expire in an hour.",
		Plant: func(p *plan) { p.zone.from, p.zone.to = -14*day, time.Hour },
	},
	{
		Name: "tls.old-algorithm", Group: "dnssec", Text: "A key of RSASHA1 stands among the zone's.",
		Plant: func(p *plan) { p.zone.oldKey = true },
	},
	replied("tls.signature-broken", "dnssec", "The signature of addresses doesn't hold.", func(x *exchange) {
		for i, rr := range x.answer.Answer {
			if sig, ok := rr.(*dns.RRSIG); ok && sig.TypeCovered == dns.TypeA {
				broken := *sig
				broken.OrigTtl++
				x.answer.Answer[i] = &broken
			}
		}
	}),
	replied("tls.signature-missing", "dnssec", "Addresses come without a signature.", func(x *exchange) {
		if x.kind == dns.TypeA || x.kind == dns.TypeAAAA {
			x.answer.Answer = slices.DeleteFunc(x.answer.Answer, isSignature)
		}
	}),
	replied("tls.signatures-unasked", "dnssec", "Signatures go to clients that don't ask for them.", func(x *exchange) {
		if !x.signed && len(x.answer.Answer) > 0 {
			x.answer.Answer = append(x.answer.Answer, x.zone.sigs[x.name][x.kind]...)
		}
	}),
	replied("tls.denial-missing", "dnssec", "The absence of a name or a type isn't proved.", func(x *exchange) {
		x.answer.Ns = slices.DeleteFunc(x.answer.Ns, func(rr dns.RR) bool {
			return rr.Header().Rrtype == dns.TypeNSEC || isSignature(rr) && rr.(*dns.RRSIG).TypeCovered == dns.TypeNSEC
		})
	}),
	replied("tls.denial-elsewhere", "dnssec", "The proof that a name is absent is about other names.", func(x *exchange) {
		if x.answer.Rcode == dns.RcodeNameError && x.signed {
			x.answer.Ns = nil
			x.negative(x.zone.apex, dns.TypeSOA)
			x.negative(x.zone.apex, dns.TypeNSEC)
		}
	}),
	{
		Name: "tls.bitmap-lies", Group: "dnssec", Text: "The proof of a missing type lists it.",
		Plant: func(p *plan) { p.zone.lie = dns.TypeLOC },
	},
	replied("tls.denial-unsigned", "dnssec", "The proof of absence isn't signed.", func(x *exchange) {
		x.answer.Ns = slices.DeleteFunc(x.answer.Ns, func(rr dns.RR) bool { return isSignature(rr) && rr.(*dns.RRSIG).TypeCovered == dns.TypeNSEC })
	}),
	{
		Name: "tls.nsec3-iterations", Group: "dnssec", Text: "NSEC3 asks for 150 more iterations.",
		Plant: func(p *plan) { p.zone.nsec3, p.zone.iterations = true, 150 },
	},
}

func isSignature(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeRRSIG }

// replied changes answers on their way out. Records are shared by all of them:
// a change replaces them, in a list that is the answer's own.
func replied(name, group, text string, change func(*exchange)) Fault {
	return Fault{Name: name, Group: group, Text: text, Plant: func(p *plan) { p.reply = append(p.reply, change) }}
}

// zoned changes the zone before it is signed.
func zoned(name, text string, change func(*zoneData)) Fault {
	return Fault{Name: name, Group: "dns", Text: text, Plant: func(p *plan) { p.zone.records = append(p.zone.records, change) }}
}
