package cli_test

import (
	"crypto/tls"
	"crypto/x509"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aloi.dev/refcloud/cloudtest"
	"aloi.dev/refcloud/offer"
	"aloi.dev/refcloud/service"
)

var (
	accessForm = regexp.MustCompile(`^AKIA[A-Z0-9]{16}$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9]{40}$`)
)

func TestState(t *testing.T) {
	t.Parallel()
	up := startUp(t, "--state", newState(t), "--variation", "slow-answers,extra-xml")
	want := map[string]service.Set{
		"alize": {Faults: []string{}, Variations: []string{"extra-xml", "slow-answers"}},
		"brume": service.Set{Faults: offer.Kinds.Demo()}.Clean(),
	}
	for _, o := range offer.All {
		doc := cloudtest.Read(t, up.dir, o.ID)
		checkOffer(t, o, doc)
		checkTLS(t, doc)
		var set service.Set
		if doc.Control(t, "GET", "/state", nil, &set); !slices.Equal(set.Faults, want[o.ID].Faults) || !slices.Equal(set.Variations, want[o.ID].Variations) {
			t.Errorf("%s has %+v, want %+v", o.ID, set, want[o.ID])
		}
	}
	checkPrivate(t, up.dir)
}

func checkOffer(t *testing.T, o offer.Offer, doc cloudtest.Offer) {
	t.Helper()
	s3 := doc.Services["s3"]
	if doc.ID != o.ID || doc.Name != o.Name || doc.Provider["name"] != o.Provider || len(doc.Provider) != 1 || doc.Region != o.Region {
		t.Errorf("%s says %+v", o.ID, doc)
	}
	if !slices.Equal(doc.Positions, offer.Kinds.Needs()) || len(s3.Features) < 10 || s3.Settings["addressing"] != "path" ||
		s3.Settings["region"] != o.Region || !strings.HasPrefix(s3.Settings["foreign-bucket"], "foreign-") {
		t.Errorf("%s says %+v", o.ID, doc)
	}
	if doc.Caps["rate"] != "2000/s" || doc.Caps["bytes"] != "4 GB" || doc.Caps["connections"] != "64" || doc.Caps["duration"] != "10 min" {
		t.Errorf("caps of %s: %v", o.ID, doc.Caps)
	}
	for _, name := range []string{"main", "other"} {
		access, secret := doc.Resolve(t, s3.Credentials[name]["access-key"]), doc.Resolve(t, s3.Credentials[name]["secret-key"])
		if !accessForm.MatchString(access) || !secretForm.MatchString(secret) {
			t.Errorf("account %s of %s: %q %q", name, o.ID, access, secret)
		}
	}
}

// checkTLS connects to the offer under both of its names.
func checkTLS(t *testing.T, doc cloudtest.Offer) {
	t.Helper()
	s3 := doc.Services["s3"]
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(doc.Resolve(t, s3.Trust)))
	address := strings.TrimPrefix(s3.Endpoint, "https://")
	_, port, _ := net.SplitHostPort(address)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		conn, err := tls.Dial("tcp4", net.JoinHostPort(host, port), &tls.Config{RootCAs: roots, NextProtos: []string{"h2", "http/1.1"}})
		if err != nil {
			t.Errorf("connect to %s: %v", host, err)
			continue
		}
		if state := conn.ConnectionState(); state.NegotiatedProtocol != "http/1.1" {
			t.Errorf("protocol %q, want http/1.1", state.NegotiatedProtocol)
		}
		conn.Close()
	}
}

// checkPrivate refuses files that others may read: some hold secrets.
func checkPrivate(t *testing.T, dir string) {
	t.Helper()
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o711 { // passed through, not read
		t.Errorf("state folder: %v, %v", info.Mode(), err)
	}
	for _, pattern := range []string{"*.yaml", "ca.pem", "secrets/*", "*/s3/gateway.*", "*/log"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, path := range files {
			if info, err := os.Lstat(path); err != nil || info.Mode().Type() == 0 && info.Mode().Perm() != fs.FileMode(0o600) {
				t.Errorf("%s: %v, %v", path, info.Mode(), err)
			}
		}
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	up := startUp(t, "--state", newState(t), "--offer", "brume", "--service", "s3", "--fault", "s3.hang")
	brume := cloudtest.Read(t, up.dir, "brume")
	var refused struct{ Error string }
	bad := service.Set{Faults: []string{"s3.delete-missing"}}
	if status := brume.Control(t, "PUT", "/state", bad, &refused); status != 400 || !strings.Contains(refused.Error, "s3.delete-missing-404") {
		t.Errorf("unknown fault: %d %q", status, refused.Error)
	}
	if status := brume.Control(t, "PUT", "/state", "text", &refused); status != 400 {
		t.Errorf("not a set: %d", status)
	}
	main := brume.Account(t, "main")
	var set service.Set
	if status := brume.Control(t, "PUT", "/state", service.Set{Variations: []string{"extra-headers"}}, &set); status != 200 {
		t.Fatalf("switch: %d", status)
	}
	if len(set.Faults) != 0 || !slices.Equal(set.Variations, []string{"extra-headers"}) {
		t.Errorf("switch answers %+v", set)
	}
	if got := main.Must(t, "GET", "/", ""); got.Header.Get("Via") == "" {
		t.Error("the variation does not show")
	}
	main.Must(t, "PUT", "/made-by-test", "")
	foreign := brume.Services["s3"].Settings["foreign-bucket"]
	want := []string{"bucket/" + foreign, "bucket/made-by-test", "object/" + foreign + "/kept.txt@null"}
	if got := brume.Inventory(t); !slices.Equal(got, want) {
		t.Errorf("inventory %v, want %v", got, want)
	}
}
