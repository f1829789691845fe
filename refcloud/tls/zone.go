package tls

import (
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// zonePlan is what a plan changes of the zone before it is signed.
type zonePlan struct {
	records    []func(*zoneData)
	ttl        uint32
	nsec3      bool
	iterations uint16
	from, to   time.Duration // of the signatures, from now; a week around it when zero
	stranger   bool          // the keys are not those of the anchor
	oldKey     bool          // a key of an abandoned algorithm stands among the others
	staleTLSA  bool
	lie        uint16 // a type that the proofs claim of every name
}

// zoneKeys sign the zone: the key of the anchor signs the keys, the other the rest.
type zoneKeys struct {
	ksk, zsk, alien *dns.DNSKEY
	private         map[*dns.DNSKEY]crypto.Signer
}

func newZoneKeys(apex string) (*zoneKeys, error) {
	k := &zoneKeys{private: map[*dns.DNSKEY]crypto.Signer{}}
	for into, flags := range map[**dns.DNSKEY]uint16{&k.ksk: 257, &k.zsk: 256, &k.alien: 257} {
		key := &dns.DNSKEY{Hdr: header(apex, dns.TypeDNSKEY, 3600), Flags: flags, Protocol: 3, Algorithm: dns.ECDSAP256SHA256}
		private, err := key.Generate(256)
		if err != nil {
			return nil, fmt.Errorf("make zone key: %w", err)
		}
		*into, k.private[key] = key, private.(crypto.Signer)
	}
	return k, nil
}

// anchor is the DS record of the zone's key, as the offer declares it.
func (k *zoneKeys) anchor() string {
	ds := k.ksk.ToDS(dns.SHA256)
	return fmt.Sprintf("%d %d %d %s", ds.KeyTag, ds.Algorithm, ds.DigestType, strings.ToUpper(ds.Digest))
}

func header(name string, kind uint16, ttl uint32) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: ttl}
}

// zoneData is the zone: sets of records by name and type, and their signatures.
type zoneData struct {
	apex  string
	sets  map[string]map[uint16][]dns.RR
	sigs  map[string]map[uint16][]dns.RR
	chain []string // the names of NSEC, or the hashes of NSEC3, in order
	nsec3 map[string]dns.RR
	plan  zonePlan
}

func (z *zoneData) add(rr dns.RR) {
	name := strings.ToLower(rr.Header().Name)
	if z.sets[name] == nil {
		z.sets[name] = map[uint16][]dns.RR{}
	}
	z.sets[name][rr.Header().Rrtype] = append(z.sets[name][rr.Header().Rrtype], rr)
}

func (z *zoneData) remove(name string, kind uint16) {
	delete(z.sets[name], kind)
	if len(z.sets[name]) == 0 {
		delete(z.sets, name)
	}
}

// newZone writes the zone of an offer and signs it.
func newZone(apex, host, other string, port int, public [][]byte, keys *zoneKeys, plan zonePlan) (*zoneData, error) {
	z := &zoneData{apex: apex, sets: map[string]map[uint16][]dns.RR{}, sigs: map[string]map[uint16][]dns.RR{}, nsec3: map[string]dns.RR{}, plan: plan}
	ttl := uint32(3600)
	if plan.ttl > 0 {
		ttl = plan.ttl
	}
	z.add(&dns.SOA{Hdr: header(apex, dns.TypeSOA, ttl), Ns: "ns1." + apex, Mbox: "hostmaster." + apex, Serial: 1, Refresh: 7200, Retry: 900, Expire: 1209600, Minttl: 300})
	for _, ns := range []string{"ns1.", "ns2."} {
		z.add(&dns.NS{Hdr: header(apex, dns.TypeNS, ttl), Ns: ns + apex})
		z.add(&dns.A{Hdr: header(ns+apex, dns.TypeA, ttl), A: net.IPv4(127, 0, 0, 1)})
	}
	z.add(&dns.CAA{Hdr: header(apex, dns.TypeCAA, ttl), Tag: "issue", Value: "ca.refcloud.test"})
	z.add(&dns.CAA{Hdr: header(apex, dns.TypeCAA, ttl), Tag: "iodef", Value: "mailto:security@" + strings.TrimSuffix(apex, ".")})
	for _, name := range []string{host, other} {
		z.add(&dns.A{Hdr: header(name, dns.TypeA, ttl), A: net.IPv4(127, 0, 0, 1)})
		z.add(&dns.AAAA{Hdr: header(name, dns.TypeAAAA, ttl), AAAA: net.IPv6loopback})
	}
	if plan.staleTLSA {
		public = [][]byte{[]byte("a key of last year")}
	}
	for _, key := range public {
		sum := sha256.Sum256(key)
		z.add(&dns.TLSA{Hdr: header(fmt.Sprintf("_%d._tcp.%s", port, host), dns.TypeTLSA, ttl), Usage: 3, Selector: 1, MatchingType: 1, Certificate: hex.EncodeToString(sum[:])})
	}
	for _, change := range plan.records {
		change(z)
	}
	return z, z.sign(keys, ttl)
}

// sign adds the keys, the chain of names, and a signature of every set.
func (z *zoneData) sign(keys *zoneKeys, ttl uint32) error {
	ksk := keys.ksk
	if z.plan.stranger {
		ksk = keys.alien
	}
	z.add(ksk)
	z.add(keys.zsk)
	if z.plan.oldKey {
		z.add(&dns.DNSKEY{Hdr: header(z.apex, dns.TypeDNSKEY, ttl), Flags: 256, Protocol: 3, Algorithm: dns.RSASHA1, PublicKey: "AwEAAaetidLzsKWUt4swWR8yu0wPHPiUi8LUsAD0QPWU+wzt89epO6tHzkMBVDkC7qphQO2hTY4hHn9npWFRw5BYubE="})
	}
	if z.plan.nsec3 {
		z.chain3()
	} else {
		z.chainNSEC()
	}
	for name, sets := range z.sets {
		for kind, set := range sets {
			key := keys.zsk
			if kind == dns.TypeDNSKEY {
				key = ksk
			}
			if err := z.signSet(name, kind, set, key, keys.private[key]); err != nil {
				return err
			}
		}
	}
	for _, rr := range z.nsec3 {
		if err := z.signSet(strings.ToLower(rr.Header().Name), dns.TypeNSEC3, []dns.RR{rr}, keys.zsk, keys.private[keys.zsk]); err != nil {
			return err
		}
	}
	return nil
}

func (z *zoneData) signSet(name string, kind uint16, set []dns.RR, key *dns.DNSKEY, private crypto.Signer) error {
	from, to := time.Now().Add(-7*day), time.Now().Add(7*day)
	if z.plan.to != 0 {
		from, to = time.Now().Add(z.plan.from), time.Now().Add(z.plan.to)
	}
	sig := &dns.RRSIG{
		Hdr: header(set[0].Header().Name, dns.TypeRRSIG, set[0].Header().Ttl), Algorithm: key.Algorithm, SignerName: z.apex, KeyTag: key.KeyTag(),
		Inception: uint32(from.Unix()), Expiration: uint32(to.Unix()),
	}
	if err := sig.Sign(private, set); err != nil {
		return fmt.Errorf("sign %s of %s: %w", dns.Type(kind), name, err)
	}
	if z.sigs[name] == nil {
		z.sigs[name] = map[uint16][]dns.RR{}
	}
	z.sigs[name][kind] = []dns.RR{sig}
	return nil
}

// types lists the types at a name, for a bitmap.
func (z *zoneData) types(name string, more ...uint16) []uint16 {
	types := append([]uint16{}, more...)
	for kind := range z.sets[name] {
		types = append(types, kind)
	}
	if z.plan.lie != 0 {
		types = append(types, z.plan.lie)
	}
	slices.Sort(types)
	return types
}

func (z *zoneData) chainNSEC() {
	for name := range z.sets {
		z.chain = append(z.chain, name)
	}
	sort.Slice(z.chain, func(i, j int) bool { return before(z.chain[i], z.chain[j]) })
	for i, name := range z.chain {
		next := z.chain[(i+1)%len(z.chain)]
		z.add(&dns.NSEC{Hdr: header(name, dns.TypeNSEC, 300), NextDomain: next, TypeBitMap: z.types(name, dns.TypeNSEC, dns.TypeRRSIG)})
	}
}

// chain3 covers the names that only lead to others too (RFC 5155 section 7.1).
func (z *zoneData) chain3() {
	names := map[string]bool{}
	for name := range z.sets {
		for at := name; dns.IsSubDomain(z.apex, at); {
			names[at] = true
			_, rest, ok := strings.Cut(at, ".")
			if !ok || rest == "" {
				break
			}
			at = rest
		}
	}
	z.add(&dns.NSEC3PARAM{Hdr: header(z.apex, dns.TypeNSEC3PARAM, 0), Hash: dns.SHA1, Iterations: z.plan.iterations})
	of := map[string]string{}
	for name := range names {
		hash := dns.HashName(name, dns.SHA1, z.plan.iterations, "")
		of[hash] = name
		z.chain = append(z.chain, hash)
	}
	slices.Sort(z.chain)
	for i, hash := range z.chain {
		z.nsec3[hash] = &dns.NSEC3{
			Hdr: header(strings.ToLower(hash)+"."+z.apex, dns.TypeNSEC3, 300), Hash: dns.SHA1, Iterations: z.plan.iterations, HashLength: 20,
			NextDomain: z.chain[(i+1)%len(z.chain)], TypeBitMap: z.types(of[hash], bitmapOf(z.sets[of[hash]])...),
		}
	}
}

func bitmapOf(sets map[uint16][]dns.RR) []uint16 {
	if len(sets) == 0 {
		return nil // a name that only leads to others
	}
	return []uint16{dns.TypeRRSIG}
}

// before orders names as DNSSEC does (RFC 4034 section 6.1). The zone's names need
// no escapes.
func before(a, b string) bool {
	x, y := dns.SplitDomainName(a), dns.SplitDomainName(b)
	slices.Reverse(x)
	slices.Reverse(y)
	return slices.Compare(x, y) < 0
}
