package tls

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"aloi.dev/internal/demonstrator/probe"
)

// wantAbsence asks for a name below the endpoint's that does not exist: records
// must prove that neither it nor a wildcard that would stand for it is there.
func wantAbsence(t *probe.T, z *zone) {
	keys, _, _ := z.keys(t)
	name := strings.ToLower(t.Name() + "." + z.host)
	r, did := z.ask(t, signed(name, dns.TypeA))
	t.Want(r.Rcode == dns.RcodeNameError, did, got(r), "NXDOMAIN")
	p := proved(t, z, r, did, keys)
	t.Want(p.nameAbsent(name, z.apex), did, p.String(), "records that cover "+name+" and the wildcard at its closest ancestor")
}

// wantTypeAbsence asks for a type that the endpoint's name does not have.
func wantTypeAbsence(t *probe.T, z *zone) {
	keys, _, _ := z.keys(t)
	r, did := z.ask(t, signed(z.host, dns.TypeLOC))
	t.Want(r.Rcode == dns.RcodeSuccess && len(r.Answer) == 0, did, got(r), "NOERROR and no record")
	p := proved(t, z, r, did, keys)
	t.Want(p.typeAbsent(z.host, dns.TypeLOC), did, p.String(), "a record of "+z.host+" that doesn't list LOC")
}

func wantCheapNSEC3(t *probe.T, z *zone) {
	most := z.e.profile.figure("nsec3-iterations")
	r, did := z.ask(t, signed(strings.ToLower(t.Name()+"."+z.host), dns.TypeA))
	for _, rr := range r.Ns {
		if n, ok := rr.(*dns.NSEC3); ok {
			t.Want(int(n.Iterations) <= most, did, fmt.Sprintf("NSEC3 with %d more iterations", n.Iterations), fmt.Sprintf("%d at most", most))
		}
	}
}

// proof is what an answer holds to show that something does not exist.
type proof struct {
	nsec  []*dns.NSEC
	nsec3 []*dns.NSEC3
}

// String lists the records for a sentence.
func (p proof) String() string {
	var list []string
	for _, n := range p.nsec {
		list = append(list, n.Hdr.Name+" NSEC "+n.NextDomain)
	}
	for _, n := range p.nsec3 {
		list = append(list, "NSEC3 "+n.Hdr.Name)
	}
	return fmt.Sprintf("%d records of denial %v", len(list), list)
}

// mostIterations is how much work one NSEC3 record may ask of us (RFC 9276 section 3.2).
const mostIterations = 500

// proved gathers the records of denial whose signatures hold; one that doesn't, or
// that would cost too much to follow, ends the check.
func proved(t *probe.T, z *zone, r *dns.Msg, did string, keys []*dns.DNSKEY) (p proof) {
	for _, rr := range r.Ns {
		kind := rr.Header().Rrtype
		switch n := rr.(type) {
		case *dns.NSEC:
			p.nsec = append(p.nsec, n)
		case *dns.NSEC3:
			t.Want(n.Iterations <= mostIterations, did, fmt.Sprintf("NSEC3 with %d more iterations", n.Iterations), "records that can be followed")
			p.nsec3 = append(p.nsec3, n)
		case *dns.SOA:
		default:
			continue
		}
		err := verify(r.Ns, rr.Header().Name, kind, z.apex, keys)
		t.Want(err == nil, did, got(r)+", "+fmt.Sprint(err), "a signature by a key of the zone")
	}
	return p
}

// nameAbsent is RFC 4035 section 5.4 for NSEC, RFC 5155 section 8.4 for NSEC3. With
// NSEC the closest ancestor that exists shows in the record that covers the name.
func (p proof) nameAbsent(name, apex string) bool {
	for _, n := range p.nsec {
		if !covers(n, name, apex) {
			continue
		}
		closest := dns.CompareDomainName(name, n.Hdr.Name)
		closest = max(closest, dns.CompareDomainName(name, n.NextDomain))
		wildcard := "*." + lastLabels(name, closest)
		if slices.ContainsFunc(p.nsec, func(n *dns.NSEC) bool { return covers(n, wildcard, apex) }) {
			return true
		}
	}
	return p.nameAbsent3(name, apex)
}

// nameAbsent3 finds the closest ancestor that a record matches: the name below it,
// and the wildcard, must be covered.
func (p proof) nameAbsent3(name, apex string) bool {
	covered := func(name string) bool {
		return slices.ContainsFunc(p.nsec3, func(n *dns.NSEC3) bool { return !n.Match(name) && n.Cover(name) })
	}
	next := name
	for labels := dns.CountLabel(name) - 1; labels >= dns.CountLabel(apex); labels-- {
		ancestor := lastLabels(name, labels)
		if slices.ContainsFunc(p.nsec3, func(n *dns.NSEC3) bool { return n.Match(ancestor) }) {
			return covered(next) && covered("*."+ancestor)
		}
		next = ancestor
	}
	return false
}

func (p proof) typeAbsent(name string, kind uint16) bool {
	without := func(bitmap []uint16) bool {
		return !slices.Contains(bitmap, kind) && !slices.Contains(bitmap, dns.TypeCNAME)
	}
	matches := func(n *dns.NSEC) bool {
		leads := canonical(n.Hdr.Name, name) < 0 && dns.IsSubDomain(name, n.NextDomain) // a name without records, above others
		return leads || strings.EqualFold(n.Hdr.Name, name) && without(n.TypeBitMap)
	}
	return slices.ContainsFunc(p.nsec, matches) ||
		slices.ContainsFunc(p.nsec3, func(n *dns.NSEC3) bool { return n.Match(name) && without(n.TypeBitMap) })
}

// covers reports whether a name falls strictly between a record's own and its next,
// the last of the zone going on to its end.
func covers(n *dns.NSEC, name, apex string) bool {
	owner, next := n.Hdr.Name, n.NextDomain
	if !dns.IsSubDomain(apex, name) || canonical(owner, name) >= 0 {
		return false
	}
	return canonical(name, next) < 0 || canonical(next, owner) <= 0
}

// lastLabels keeps the last n labels of a name.
func lastLabels(name string, n int) string {
	at := dns.Split(name)
	if n >= len(at) {
		return name
	}
	if n <= 0 {
		return "."
	}
	return name[at[len(at)-n]:]
}

// canonical orders names as RFC 4034 section 6.1 does: label by label from the
// right, as bytes in lower case.
func canonical(a, b string) int {
	x, y := wireLabels(a), wireLabels(b)
	for i := range min(len(x), len(y)) {
		if c := bytes.Compare(x[len(x)-1-i], y[len(y)-1-i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}

// wireLabels are the labels of a name as bytes, escapes resolved.
func wireLabels(name string) [][]byte {
	buffer := make([]byte, 256)
	end, err := dns.PackDomainName(dns.Fqdn(name), buffer, 0, nil, false)
	if err != nil {
		return nil
	}
	var labels [][]byte
	for at := 0; at < end && buffer[at] != 0; at += int(buffer[at]) + 1 {
		labels = append(labels, bytes.ToLower(buffer[at+1:at+1+int(buffer[at])]))
	}
	return labels
}
