package tls

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

func TestHSTS(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]hsts{
		"max-age=31536000": {31536000, false, false},
		`MAX-AGE = "60" ; includesubdomains;; later=2 ; preload`: {60, true, true},
		"max-age=0": {},
	} {
		if got, wrong := parseHSTS(value); got != want || wrong != "" {
			t.Errorf("%s: %+v %s", value, got, wrong)
		}
	}
	for _, value := range []string{"", "includeSubDomains", "max-age", "max-age=soon", "max-age=-1", "max-age=1;max-age=1", `max-age="1`} {
		if got, wrong := parseHSTS(value); wrong == "" {
			t.Errorf("%q is taken as %+v", value, got)
		}
	}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	h := http.Header{}
	h.Add("Content-Security-Policy", "default-src 'self'; default-src *, FRAME-ancestors")
	h.Add("Content-Security-Policy", "script-src 'nonce-x'")
	got := policies(h)
	if len(got) != 3 || strings.Join(got[0]["default-src"], " ") != "'self'" || strings.Join(got[1]["frame-ancestors"], " ") != "'none'" || got[2]["script-src"] == nil {
		t.Errorf("%v", got)
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"intermediate", "modern", "anssi-2020"} {
		p, err := profileNamed(id)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.groupIDs(true)) == 0 || len(p.suiteIDs(true, modern)) == 0 || p.version(tls13) == forbidden || p.version(tls10) != forbidden {
			t.Errorf("%s: %+v", id, p)
		}
		for _, f := range []family{clear, export, unsigned, rc4, des, cbc, static, short} {
			if got := p.suiteIDs(true, f); len(got) > 0 {
				t.Errorf("%s takes %s of the family %s", id, suiteName(got[0]), f)
			}
		}
	}
	if _, err := profileNamed("loose"); err == nil || !strings.Contains(err.Error(), "anssi-2020, intermediate, modern") {
		t.Errorf("%v", err)
	}
}

// TestProfile_Refused changes one line of a profile at a time.
func TestProfile_Refused(t *testing.T) {
	t.Parallel()
	text, err := profileFiles.ReadFile("profiles/intermediate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"id: intermediate", "id: medium", `"medium" is not the file's name (write intermediate)`},
		{"name: TLS 1.3, use", "name: TLS 1.4, use", `"TLS 1.4" isn't known (did you mean`},
		{"name: AES_256_GCM_SHA384", "name: AES_265_GCM_SHA384", "did you mean \"AES_256_GCM_SHA384\""},
		{"{name: x25519, use: required, source: rfc9325}", "{name: x25519, use: required, source: rfc9352}", `the source "rfc9352" is not among the sources`},
		{"{name: x25519, use: required", "{name: secp256r1, use: required", `"secp256r1" is already in the list`},
		{"{name: x25519, use: required", "{name: x25519, use: wanted", `"wanted" is not a value of "use"`},
		{"from: 2026-03-15", "from: 2019-03-15", "doesn't follow the one before"},
		{"name: chain-bytes", "name: chain-octets", `the limit "chain-bytes" is missing`},
		{"dnssec: #", "dnsec: #", `unknown field "dnsec"`},
	} {
		changed := strings.Replace(string(text), c.old, c.new, 1)
		if _, err := readProfile("profiles/intermediate.yaml", []byte(changed)); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "profiles/intermediate.yaml:") {
			t.Errorf("%s: %v", c.new, err)
		}
	}
}

func TestProfile_Longest(t *testing.T) {
	t.Parallel()
	p, err := profileNamed(defaultProfile)
	if err != nil {
		t.Fatal(err)
	}
	for issued, days := range map[string]int{"2019-01-01": 0, "2020-09-01": 398, "2026-03-14": 398, "2026-03-15": 200, "2028-01-01": 100, "2030-01-01": 47} {
		at, _ := time.Parse(time.DateOnly, issued)
		if got := p.longest(at); got != time.Duration(days)*24*time.Hour {
			t.Errorf("%s: %s", issued, got)
		}
	}
}

// TestCanonical follows the example of RFC 4034 section 6.1.
func TestCanonical(t *testing.T) {
	t.Parallel()
	order := []string{"example.", "a.example.", "yljkjljk.a.example.", "Z.a.example.", `zABC.a.EXAMPLE.`, "z.example.", `\001.z.example.`, "*.z.example.", `\200.z.example.`}
	for i, a := range order {
		for j, b := range order {
			if got := canonical(a, b); (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("%s and %s: %d", a, b, got)
			}
		}
	}
}

func TestDenial(t *testing.T) {
	t.Parallel()
	nsec := func(owner, next string, types ...uint16) *dns.NSEC {
		return &dns.NSEC{Hdr: dns.RR_Header{Name: owner}, NextDomain: next, TypeBitMap: types}
	}
	const apex = "test."
	for name, c := range map[string]struct {
		asked  string
		absent bool
		list   []*dns.NSEC
	}{
		"both covered":          {"b.test.", true, []*dns.NSEC{nsec("a.test.", "c.test."), nsec("test.", "a.test.")}},
		"one for both":          {"x.www.test.", true, []*dns.NSEC{nsec("www.test.", "zzz.test.")}},
		"last of the zone":      {"x.www.test.", true, []*dns.NSEC{nsec("www.test.", "test.")}},
		"wildcard not covered":  {"b.test.", false, []*dns.NSEC{nsec("a.test.", "c.test.")}},
		"wildcard exists":       {"b.test.", false, []*dns.NSEC{nsec("a.test.", "c.test."), nsec("*.test.", "a.test.")}},
		"elsewhere":             {"b.test.", false, []*dns.NSEC{nsec("c.test.", "d.test."), nsec("test.", "a.test.")}},
		"the name itself":       {"b.test.", false, []*dns.NSEC{nsec("b.test.", "c.test."), nsec("test.", "a.test.")}},
		"another zone's record": {"b.other.", false, []*dns.NSEC{nsec("a.other.", "c.other."), nsec("other.", "a.other.")}},
		"nothing":               {"b.test.", false, nil},
	} {
		if got := (proof{nsec: c.list}).nameAbsent(c.asked, apex); got != c.absent {
			t.Errorf("%s: %v", name, got)
		}
	}
	for name, c := range map[string]struct {
		absent bool
		record *dns.NSEC
	}{
		"without the type": {true, nsec("www.test.", "z.test.", dns.TypeA)},
		"with the type":    {false, nsec("www.test.", "z.test.", dns.TypeLOC)},
		"an alias":         {false, nsec("www.test.", "z.test.", dns.TypeCNAME)},
		"above others":     {true, nsec("a.test.", "x.www.test.", dns.TypeA)},
		"another's":        {false, nsec("a.test.", "z.test.", dns.TypeA)},
	} {
		if got := (proof{nsec: []*dns.NSEC{c.record}}).typeAbsent("www.test.", dns.TypeLOC); got != c.absent {
			t.Errorf("%s: %v", name, got)
		}
	}
}
