package catalogue_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/fault"
)

func goodOffer(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile("testdata/good/offer.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestLoadOffer(t *testing.T) {
	t.Parallel()
	o := offerOf(t, goodOffer(t))
	s3 := o.Services["s3"]
	if o.ID != "nuage" || o.Provider.SIREN != "732829320" || o.Caps.Connections != 32 || s3.Settings["region"] != "fr-1" {
		t.Errorf("%+v", o)
	}
	if kind, name := s3.Credentials["main"]["secret-key"].Split(); kind != "file" || name != "/run/secrets/nuage" {
		t.Errorf("%s, %s", kind, name)
	}
}

func TestLoadOffer_Endpoints(t *testing.T) {
	t.Parallel()
	for endpoint, ok := range map[string]bool{
		"https://s3.example.org": true, "https://s3.example.org/": true, "https://[2001:db8::1]:443": true, "https://10.0.0.1": true,
		"http://127.0.0.1:9000": true, "http://127.8.8.8": true, "http://[::1]:9000": true, "http://localhost:1": true, "http://a.localhost": true,
		"http://10.0.0.1": false, "http://localhost.example.org": false, "http://127.0.0.1.example.org": false, "http://2130706433": false,
		"https://": false, "ftp://example.org": false, "//example.org": false, "https://x@example.org": false, "https://example.org/#f": false,
		"https://example.org?": false, "https://exa mple.org": false, "https://:443": false,
	} {
		data := strings.Replace(goodOffer(t), "https://s3.nuage.example:8443/", `"`+endpoint+`"`, 1)
		_, err := catalogue.LoadOffer(fstest.MapFS{"o": {Data: []byte(data)}}, "o", words, []catalogue.NeedID{"storage"})
		if (err == nil) != ok {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

// TestLoadOffer_Schemes: a suite that doesn't speak HTTP says how its endpoints begin.
func TestLoadOffer_Schemes(t *testing.T) {
	t.Parallel()
	more := catalogue.Vocabulary{words[0], {ID: "postgres", Schemes: []string{"postgres", "postgresql"}}, {ID: "tls", Schemes: []string{"tls"}}}
	for _, c := range []struct{ suite, endpoint, says string }{
		{"postgres", "postgres://db.example.org", ""},
		{"postgres", "postgresql://db.example.org:5433", ""},
		{"tls", "tls://127.0.0.1:8443", ""},
		{"postgres", "https://db.example.org", "this is not a postgres, postgresql address (for example postgres://postgres.example.org)"},
		{"postgres", "http://127.0.0.1", "this is not a postgres, postgresql address"},
		{"postgres", "postgres://me:hunter2@db.example.org", "an address holds no account and no password"},
		{"postgres", "postgres://db.example.org/base", "an address ends with the host and the port (for example postgres://postgres.example.org)"},
		{"postgres", "postgres://db.example.org?sslmode=disable", "an address ends with the host and the port"},
		{"tls", "db.example.org:443", "this is not a tls address (for example tls://tls.example.org)"},
		{"tls", "tls://", "this is not a tls address"},
	} {
		head, _, _ := strings.Cut(goodOffer(t), "services:")
		data := head + "services:\n  " + c.suite + ":\n    endpoint: \"" + c.endpoint + "\"\ncaps: {rate: 50/s, bytes: 1 GiB, connections: 32, duration: 1 h}\n"
		_, err := catalogue.LoadOffer(fstest.MapFS{"o": {Data: []byte(data)}}, "o", more, []catalogue.NeedID{"storage"})
		said := ""
		if err != nil {
			said = fault.Say(err, "en")
		}
		if (said == "") != (c.says == "") || !strings.Contains(said, c.says) || strings.Contains(said, "hunter2") {
			t.Errorf("%s: %s", c.endpoint, said)
		}
	}
	if text := catalogue.OfferTemplate(more, nil); !strings.Contains(text, "endpoint: postgres://postgres.example.org\n") {
		t.Errorf("the example's endpoint is one that its suite refuses:\n%s", text)
	}
}

func TestLoadOffer_Hosts(t *testing.T) {
	t.Parallel()
	for host, address := range map[string]string{
		"auth.example.org": "auth.example.org:443", "auth.example.org:8443": "auth.example.org:8443", "10.0.0.1": "10.0.0.1:443",
		"[2001:db8::1]": "[2001:db8::1]:443", "[2001:db8::1]:1": "[2001:db8::1]:1", "localhost:65535": "localhost:65535",
		"2001:db8::1": "", "[host]": "", "[1:2]": "", "host:65536": "", "host:": "", ":443": "", "*.example.org": "", "a b": "", "me@host": "", "host/path": "", "": "",
	} {
		data := strings.Replace(goodOffer(t), "    trust:", "    hosts: [\""+host+"\"]\n    trust:", 1)
		o, err := catalogue.LoadOffer(fstest.MapFS{"o": {Data: []byte(data)}}, "o", words, []catalogue.NeedID{"storage"})
		if (err == nil) != (address != "") {
			t.Errorf("%s: %v", host, err)
		} else if err == nil && o.Services["s3"].Hosts[0].Address() != address {
			t.Errorf("%s: %s, want %s", host, o.Services["s3"].Hosts[0].Address(), address)
		}
	}
}

func TestLoadOffer_References(t *testing.T) {
	t.Parallel()
	for ref, ok := range map[string]bool{
		"env:A_1": true, "file:a/b": true, "file:/a/b": true, "file:a..b": true,
		"env:": false, "env:1A": false, "env:A B": false, "file:": false, "file:a/../../b": false, "file:..": false, "file:/a/../b": false,
		"secret": false, "ENV:A": false, "env:A\\nx": false,
	} {
		data := strings.Replace(goodOffer(t), "env:NUAGE_KEY", ref, 1)
		_, err := catalogue.LoadOffer(fstest.MapFS{"o": {Data: []byte(data)}}, "o", words, []catalogue.NeedID{"storage"})
		if (err == nil) != ok {
			t.Errorf("%s: %v", ref, err)
		}
	}
}

func TestOfferTemplate(t *testing.T) {
	t.Parallel()
	c := loaded(t, good(t, nil))
	text := catalogue.OfferTemplate(words, c.Needs)
	o := offerOf(t, text)
	if len(o.Positions) != 2 || len(o.Services["s3"].Features) != 2 || o.Services["s3"].Credentials["main"]["access-key"] != "env:MY_CLOUD_S3_MAIN_ACCESS_KEY" {
		t.Errorf("%+v", o)
	}
	for _, line := range strings.Split(text, "\n") {
		if len([]rune(line)) > 120 || strings.ContainsRune(line, '\t') {
			t.Errorf("line %q", line)
		}
	}
	text = catalogue.OfferTemplate(words, c.Needs[:1], c.Needs[1:]...)
	if o := offerOf(t, text); len(o.Positions) != 1 || !strings.Contains(text, "\n  # - storage # ") {
		t.Errorf("further needs: %v\n%s", o.Positions, text)
	}
}

func TestCatalogue_Probed(t *testing.T) {
	t.Parallel()
	c := loaded(t, good(t, nil))
	if probed, others := c.Probed(); len(probed) != 2 || len(others) != 0 {
		t.Errorf("%v, %v", probed, others)
	}
	c.Target("latency").States[0].State = catalogue.Draft // people and a draft are left
	if probed, others := c.Probed(); len(probed) != 1 || len(others) != 1 || others[0].ID != "archive" {
		t.Errorf("%v, %v", probed, others)
	}
}
