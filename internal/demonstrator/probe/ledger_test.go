package probe

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

func TestLedger(t *testing.T) {
	file := &memory{}
	l := NewLedger(file)
	for _, name := range []string{"a", "b", "c"} {
		if _, err := l.Intend(Resource{Kind: "toy/thing", Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	l.Gone(2)
	text := file.String()
	left, err := ReadLedger(strings.NewReader(text))
	if err != nil || len(left) != 2 || left[0].Name != "c" || left[1].Name != "a" {
		t.Fatalf("%v %v: want c then a", left, err)
	}
	if left, err = ReadLedger(strings.NewReader(text + `{"op":"intend","resour`)); err != nil || len(left) != 2 {
		t.Errorf("a line cut by a kill: %v %v", left, err)
	}
	if _, err = ReadLedger(strings.NewReader("{}\n" + text)); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a malformed line: %v, want its number", err)
	}
	file.full = true
	if _, err := l.Intend(Resource{Name: "d"}); err == nil {
		t.Error("a full disk was not noticed")
	}
	file.full = false
	if _, err := l.Intend(Resource{Name: "e"}); err == nil {
		t.Error("the ledger went on after it had failed")
	}
}

func TestSelected(t *testing.T) {
	c := Check{ID: "s3/object/put-get"}
	for pattern, want := range map[string]bool{
		"s3/object/put-get": true, "s3/object/*": true, "s3/*/put-*": true, "s3": true, "s3/object": true, "s3/": true,
		"*get": true, "s3/obj": false, "object": false, "*put": false, "s3/*/get": false, "s3/object/put-get/*": false,
	} {
		if got := c.Selected([]string{pattern}, ""); got != want {
			t.Errorf("%q selects %s: %v, want %v", pattern, c.ID, got, want)
		}
	}
	if c.Selected(nil, Heavy) || !c.Selected(nil, Light) || !c.Selected(nil, "") {
		t.Error("the class of a check without one is light")
	}
}

// yesterday returns a certificate for 127.0.0.1 that expired an hour ago.
func yesterday(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "toy"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(-time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
