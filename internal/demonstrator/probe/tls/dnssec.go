package tls

import (
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// dnssecChecks hold the zone's signatures against its keys, and its keys against
// the anchor that the offer declares: what its parent publishes, or will.
var dnssecChecks = []probe.Check{
	{
		ID: "tls/dnssec/anchor", Rule: "RFC 4035 section 5.2", Features: []string{names, dnssec},
		Title: lang.T("Les clés de la zone mènent à l'ancre de confiance", "The zone's keys lead to the trust anchor"),
		Run:   zoned(wantAnchor),
	},
	{
		ID: "tls/dnssec/answer", Rule: "RFC 4035 sections 3.1.1 and 5.3", Features: []string{names, dnssec},
		Title: lang.T("Les réponses sont signées par une clé de la zone", "Answers are signed by a key of the zone"),
		Run:   zoned(wantSigned),
	},
	{
		ID: "tls/dnssec/dates", Rule: "RFC 4035 section 5.3.1, RFC 6781 section 4.4.2", Features: []string{names, dnssec},
		Title: lang.T("Les signatures valent maintenant et encore demain", "The signatures hold now and still tomorrow"),
		Run:   zoned(wantFresh),
	},
	{
		ID: "tls/dnssec/algorithm", Rule: "RFC 8624 section 3.1", Features: []string{names, dnssec},
		Title: lang.T("Les algorithmes des clés de la zone sont sûrs", "The algorithms of the zone's keys are safe"),
		Run:   zoned(wantAlgorithms),
	},
	{
		ID: "tls/dnssec/unasked", Rule: "RFC 4035 section 3.1, RFC 3225 section 3", Features: []string{names, dnssec},
		Title: lang.T("Les signatures ne vont qu'à qui les demande", "Signatures go only to who asks for them"),
		Run: zoned(func(t *probe.T, z *zone) {
			r, did := z.want(t, query(z.apex, dns.TypeSOA).SetEdns0(1232, false))
			t.Want(len(records[*dns.RRSIG](r.Answer, z.apex)) == 0, did+" without DO", got(r), "no RRSIG")
		}),
	},
	{
		ID: "tls/dnssec/missing-name", Rule: "RFC 4035 section 5.4, RFC 5155 section 8.4", Features: []string{names, dnssec},
		Title: lang.T("L'absence d'un nom est prouvée", "The absence of a name is proved"),
		Run:   zoned(wantAbsence),
	},
	{
		ID: "tls/dnssec/no-data", Rule: "RFC 4035 section 5.4, RFC 5155 section 8.5", Features: []string{names, dnssec},
		Title: lang.T("L'absence d'un type est prouvée", "The absence of a type is proved"),
		Run:   zoned(wantTypeAbsence),
	},
	{
		ID: "tls/dnssec/nsec3", Rule: "RFC 9276 section 3.1", Features: []string{names, dnssec},
		Title: lang.T("NSEC3, s'il sert, ne coûte pas de calculs inutiles", "NSEC3, where used, costs no useless computation"),
		Run:   zoned(wantCheapNSEC3),
	},
}

// keys returns the zone's keys, as it shows them.
func (z *zone) keys(t *probe.T) (set []*dns.DNSKEY, answer *dns.Msg, did string) {
	r, did := z.want(t, signed(z.apex, dns.TypeDNSKEY))
	for _, k := range records[*dns.DNSKEY](r.Answer, z.apex) {
		if k.Flags&dns.ZONE != 0 && k.Flags&dns.REVOKE == 0 && k.Protocol == 3 {
			set = append(set, k)
		}
	}
	return set, r, did
}

// anchors reads the setting: one DS record a line or a semicolon, "tag algorithm
// digest-type digest".
func (z *zone) anchors() ([]*dns.DS, error) {
	var list []*dns.DS
	text := z.e.session.Setting("trust-anchor", "")
	for line := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ';' || c == '\n' }) {
		rr, err := dns.NewRR(z.apex + " 3600 IN DS " + strings.TrimSpace(line))
		ds, ok := rr.(*dns.DS)
		if err != nil || !ok {
			return nil, fmt.Errorf("setting trust-anchor: %q is no DS record (tag, algorithm, digest type, digest)", line)
		}
		list = append(list, ds)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("setting trust-anchor: no DS record of %s", z.apex)
	}
	return list, nil
}

func wantAnchor(t *probe.T, z *zone) {
	anchors, err := z.anchors()
	if err != nil {
		t.Bug(err)
	}
	keys, r, did := z.keys(t)
	var anchored []*dns.DNSKEY
	for _, k := range keys {
		for _, ds := range anchors {
			if made := k.ToDS(ds.DigestType); made != nil && made.KeyTag == ds.KeyTag && made.Algorithm == ds.Algorithm && strings.EqualFold(made.Digest, ds.Digest) {
				anchored = append(anchored, k)
			}
		}
	}
	t.Want(len(anchored) > 0, did, fmt.Sprintf("%d keys, none of them that of the anchor", len(keys)), "the key of the trust anchor")
	err = verify(r.Answer, z.apex, dns.TypeDNSKEY, z.apex, anchored)
	t.Want(err == nil, did, fmt.Sprint(err), "the set of keys signed by the key of the anchor")
}

// verify holds one set of records against its signatures: one by a key of the list
// must hold. Whether it holds at this hour has a check of its own.
func verify(section []dns.RR, name string, kind uint16, apex string, keys []*dns.DNSKEY) error {
	var set []dns.RR
	for _, rr := range section {
		if rr.Header().Rrtype == kind && strings.EqualFold(rr.Header().Name, name) {
			set = append(set, rr)
		}
	}
	what := dns.Type(kind).String() + " of " + name
	if len(set) == 0 {
		return fmt.Errorf("no %s", what)
	}
	err := fmt.Errorf("no RRSIG of the %s by a key of the zone", what)
	for _, sig := range records[*dns.RRSIG](section, name) {
		if sig.TypeCovered != kind || !strings.EqualFold(sig.SignerName, apex) || int(sig.Labels) > dns.CountLabel(name) {
			continue
		}
		for _, k := range keys {
			if k.KeyTag() != sig.KeyTag || k.Algorithm != sig.Algorithm {
				continue
			}
			wrong := sig.Verify(k, set)
			if wrong == nil {
				return nil
			}
			err = fmt.Errorf("the RRSIG of the %s doesn't hold (%w)", what, wrong)
		}
	}
	return err
}

// wantSigned looks at the set that any client asks for, and at the zone's own.
func wantSigned(t *probe.T, z *zone) {
	keys, _, _ := z.keys(t)
	for _, q := range []struct {
		name string
		kind uint16
	}{{z.apex, dns.TypeSOA}, {z.host, dns.TypeA}, {z.host, dns.TypeAAAA}} {
		r, did := z.ask(t, signed(q.name, q.kind))
		if q.kind != dns.TypeSOA && len(r.Answer) == 0 {
			continue // an address of the other kind
		}
		kind := q.kind
		if len(records[*dns.CNAME](r.Answer, q.name)) > 0 {
			kind = dns.TypeCNAME
		}
		err := verify(r.Answer, q.name, kind, z.apex, keys)
		t.Want(err == nil, did, got(r)+", "+fmt.Sprint(err), "a signature by a key of the zone")
	}
}

func wantFresh(t *probe.T, z *zone) {
	least := time.Duration(z.e.profile.figure("signature-hours")) * time.Hour
	for _, m := range []*dns.Msg{signed(z.apex, dns.TypeDNSKEY), signed(z.apex, dns.TypeSOA), signed(z.host, dns.TypeA)} {
		r, did := z.ask(t, m)
		for _, sig := range records[*dns.RRSIG](r.Answer, m.Question[0].Name) {
			from, to := dns.TimeToString(sig.Inception), dns.TimeToString(sig.Expiration)
			t.Want(sig.ValidityPeriod(t.Now().UTC()), did, "a signature from "+from+" to "+to, "signatures that hold now")
			t.Want(sig.ValidityPeriod(t.Now().Add(least).UTC()), did, "a signature until "+to, fmt.Sprintf("signatures that hold for %s more", least))
		}
	}
}

func wantAlgorithms(t *probe.T, z *zone) {
	keys, _, did := z.keys(t)
	for _, k := range keys {
		name := dns.AlgorithmToString[k.Algorithm]
		t.Want(useOf(z.e.profile.DNSSEC, name) != forbidden, did, fmt.Sprintf("a key of the algorithm %d %s", k.Algorithm, name), "algorithms of the profile "+z.e.profile.ID)
	}
}
