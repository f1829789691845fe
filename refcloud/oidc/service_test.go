package oidc

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aloi.dev/refcloud/service"
)

// started is a running provider with a client that trusts it.
func started(t *testing.T) (*Server, *http.Client) {
	t.Helper()
	pair := leaf(t)
	roots := x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	running, err := Kind.Start(t.Context(), service.Env{
		Offer: "alize", Region: "fr-1", Dir: t.TempDir(), Leaf: service.Leaf{Pair: pair, Roots: roots}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Close)
	return running.(*Server), &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func leaf(t *testing.T) tls.Certificate {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: k, Leaf: parsed}
}

// discovered reads a text of the discovery document.
func discovered(t *testing.T, s *Server, client *http.Client, member string) string {
	t.Helper()
	res, err := client.Get(s.store.issuer + discoveryPath)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var doc map[string]any
	if err := json.NewDecoder(res.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	text, _ := doc[member].(string)
	return text
}

// TestSwitch: a fault shows from the next request on, and goes as it came. What each
// of them does is shown by the checks that it turns red, which are not in this module.
func TestSwitch(t *testing.T) {
	s, client := started(t)
	for range 2 {
		if got := discovered(t, s, client, "issuer"); got != s.store.issuer {
			t.Errorf("clean: %s", got)
		}
		s.Switch(service.Set{Faults: []string{"oidc.issuer-trailing-slash"}})
		if got := discovered(t, s, client, "issuer"); got != s.store.issuer+"/" {
			t.Errorf("with the fault: %s", got)
		}
		s.Switch(service.Set{})
	}
}

// TestLeavesTheLog: the library must not take over the process's log.
func TestLeavesTheLog(t *testing.T) {
	before := slog.Default()
	s, client := started(t)
	discovered(t, s, client, "issuer")
	if slog.Default() != before {
		t.Error("slog's default was replaced")
	}
}

// TestInventory: what exists at the start is what the offer's file says.
func TestInventory(t *testing.T) {
	s, _ := started(t)
	names, err := s.Inventory(t.Context())
	if err != nil || len(names) != 4 || names[0] != "account/camille" {
		t.Errorf("%v %v", names, err)
	}
	d := s.Describe()
	if len(d.Credentials) != 4 || len(d.Settings) != 5 || !slices.Contains(d.Features, "proconnect") {
		t.Errorf("%+v", d)
	}
	s.Close()
	select {
	case <-s.Failed():
	case <-time.After(5 * time.Second):
		t.Error("the end isn't told")
	}
}

// TestStrict: the rules of ProConnect bind its client, and no other.
func TestStrict(t *testing.T) {
	s, client := started(t)
	for _, id := range s.store.clientIDs() {
		c := s.store.clients[id]
		query := "?response_type=code&scope=openid&state=short&client_id=" + id + "&redirect_uri=" + c.redirect
		res, err := client.Get(s.store.issuer + authorizePath + query)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if refused := res.StatusCode == http.StatusBadRequest && strings.Contains(string(text), "Y000400"); refused != c.strict {
			t.Errorf("%s: %s", id, res.Status)
		}
	}
}

// TestSentences: each fault and variation says in one sentence what it does.
func TestSentences(t *testing.T) {
	for _, f := range append(Faults(), Variations()...) {
		if !strings.HasPrefix(f.Name, "oidc.") || f.Group == "" || !strings.HasSuffix(f.Text, ".") {
			t.Errorf("%+v", f)
		}
	}
	for _, name := range demoFaults {
		if !slices.ContainsFunc(Faults(), func(f Fault) bool { return f.Name == name }) {
			t.Errorf("%s is no fault", name)
		}
	}
}
