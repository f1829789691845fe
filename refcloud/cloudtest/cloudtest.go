// Package cloudtest starts the reference cloud for tests, with real processes.
package cloudtest

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aloi.dev/refcloud/cli"
	"aloi.dev/refcloud/offer"
	"aloi.dev/refcloud/service"

	"gopkg.in/yaml.v3"
)

// Main is the TestMain of a package that starts clouds: an offer's process is
// the test's own program, run again with a command.
func Main(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(cli.Main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// Offer is the file of a running offer.
type Offer struct {
	Dir       string `yaml:"-"` // the cloud's state folder
	ID        string
	Name      string
	Provider  map[string]string
	Region    string
	Positions []string
	Services  map[string]Service
	Caps      map[string]string
}

// Service is a service in an offer's file.
type Service struct {
	Endpoint    string
	Hosts       []string
	Trust       string
	Settings    map[string]string
	Features    []string
	Credentials map[string]map[string]string
}

// Read reads the file of an offer in a state folder.
func Read(t testing.TB, dir, id string) Offer {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, id+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(content))
	dec.KnownFields(true)
	o := Offer{Dir: dir}
	if err := dec.Decode(&o); err != nil {
		t.Fatalf("read %s.yaml: %v", id, err)
	}
	return o
}

// Resolve returns what a file: reference of the offer refers to.
func (o Offer) Resolve(t testing.TB, reference string) string {
	t.Helper()
	name, ok := strings.CutPrefix(reference, "file:")
	if !ok {
		t.Fatalf("reference %q does not start with file:", reference)
	}
	content, err := os.ReadFile(filepath.Join(o.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Control sends a request to the offer's control socket and returns the status
// and the JSON document of the answer, decoded into out unless that is nil.
func (o Offer) Control(t testing.TB, method, path string, body, out any) int {
	t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(method, "http://control"+path, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", filepath.Join(o.Dir, o.ID, offer.ControlSocket))
		},
	}}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if out != nil {
		if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return resp.StatusCode
}

// Switch plants a set and takes everything out again when the test ends.
func (o Offer) Switch(t testing.TB, set service.Set) {
	t.Helper()
	if status := o.Control(t, http.MethodPut, "/state", set, nil); status != http.StatusOK {
		t.Fatalf("switch to %v: status %d", set, status)
	}
	t.Cleanup(func() { o.Control(t, http.MethodPut, "/state", service.Set{}, nil) })
}

// Inventory lists everything that exists in the offer.
func (o Offer) Inventory(t testing.TB) []string {
	t.Helper()
	var names []string
	if status := o.Control(t, http.MethodGet, "/inventory", nil, &names); status != http.StatusOK {
		t.Fatalf("inventory: status %d", status)
	}
	return names
}
