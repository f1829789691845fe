// Package probetest starts the reference cloud for tests: real servers on
// loopback, whose faults are switched while they run.
package probetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
)

// Cloud is a running reference cloud.
type Cloud struct {
	Dir string // holds ca.pem, the offers' files and their secrets
}

// Planted is a fault or a variation that the reference cloud knows.
type Planted struct {
	Name    string `json:"name"`
	Group   string `json:"group"`
	Text    string `json:"text"`
	Service string `json:"service"`
}

// Start runs the reference cloud, both offers clean and with these services, all
// when none are named, until the test ends. The binary is the one of
// ALOI_REFCLOUD, or bin/refcloud below the module's root, which `make` builds;
// its absence fails the test.
func Start(t testing.TB, services ...string) *Cloud {
	t.Helper()
	dir, err := os.MkdirTemp("", "aloi-ref-") // t.TempDir would be too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil { // servers that refuse to run as root pass through
		t.Fatal(err)
	}
	state := filepath.Join(dir, "s")
	cmd := exec.Command(Binary(t), "up", "--state", state, "--until-stdin-closes", "--service", strings.Join(services, ","))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the reference cloud ended with %v", err)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "ready ") {
		t.Fatalf("the reference cloud said %q (%v)", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	cloud := &Cloud{Dir: strings.TrimSpace(strings.TrimPrefix(line, "ready "))}
	cloud.Plant(t, "brume", nil, nil)
	return cloud
}

// Binary returns the path of the reference cloud's binary.
func Binary(t testing.TB) string {
	t.Helper()
	path := os.Getenv("ALOI_REFCLOUD")
	if path == "" {
		path = filepath.Join(Root(t), "bin", "refcloud")
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("no reference cloud: run `make refcloud` first (%v)", err)
	}
	return path
}

// Root returns the module's root folder.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "arch_test.go")); err == nil {
			return dir
		}
	}
	t.Fatal("no arch_test.go above the test: where is the module's root?")
	return ""
}

// Faults lists the faults of a service that the reference cloud knows.
func Faults(t testing.TB, service string) []Planted { return list(t, "faults", service) }

// Variations lists the benign variations of a service that it knows.
func Variations(t testing.TB, service string) []Planted { return list(t, "variations", service) }

func list(t testing.TB, what, service string) []Planted {
	t.Helper()
	out, err := exec.Command(Binary(t), what, "--json").Output()
	if err != nil {
		t.Fatalf("refcloud %s: %v", what, err)
	}
	var planted []Planted
	if err := json.Unmarshal(out, &planted); err != nil {
		t.Fatalf("refcloud %s: %v", what, err)
	}
	return slices.DeleteFunc(planted, func(p Planted) bool { return p.Service != service })
}

// Offer loads the description of one of the offers.
func (c *Cloud) Offer(t testing.TB, id string, words catalogue.Vocabulary, needs []catalogue.NeedID) catalogue.Offer {
	t.Helper()
	offer, err := catalogue.LoadOffer(os.DirFS(c.Dir), id+".yaml", words, needs)
	if err != nil {
		t.Fatalf("offer %s: %v", id, err)
	}
	return *offer
}

// Resolve implements probe.Secrets for the offers of this cloud.
func (c *Cloud) Resolve(ref catalogue.Ref) (string, error) {
	path, ok := strings.CutPrefix(string(ref), "file:")
	if !ok {
		return "", fmt.Errorf("the reference cloud keeps its secrets in files, not in %s", ref)
	}
	data, err := os.ReadFile(filepath.Join(c.Dir, path))
	return strings.TrimSpace(string(data)), err
}

// Plant gives an offer these faults and variations, and no others, from now on.
func (c *Cloud) Plant(t testing.TB, offer string, faults, variations []string) {
	t.Helper()
	body, err := json.Marshal(map[string][]string{"faults": append([]string{}, faults...), "variations": append([]string{}, variations...)})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := c.operator(offer, http.MethodPut, "/state", body); err != nil {
		t.Fatalf("plant %v %v in %s: %v %s", faults, variations, offer, err, out)
	}
}

// Inventory lists all that exists in an offer, seen with its operator's eyes.
func (c *Cloud) Inventory(t testing.TB, offer string) []string {
	t.Helper()
	out, err := c.operator(offer, http.MethodGet, "/inventory", nil)
	if err != nil {
		t.Fatalf("inventory of %s: %v", offer, err)
	}
	var names []string
	if err := json.Unmarshal(out, &names); err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

// operator calls the control socket of an offer.
func (c *Cloud) operator(offer, method, path string, body []byte) ([]byte, error) {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(c.Dir, offer, "control.sock"))
		},
	}}
	req, err := http.NewRequest(method, "http://operator"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("status %s", res.Status)
	}
	return out, err
}

// Needs are those that an offer of this cloud claims.
func (c *Cloud) Needs(t testing.TB, id string) []catalogue.NeedID {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(c.Dir, id+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(data), "\npositions: [")
	list, _, _ = strings.Cut(list, "]")
	var needs []catalogue.NeedID
	for _, need := range strings.Split(list, ",") {
		needs = append(needs, catalogue.NeedID(strings.TrimSpace(need)))
	}
	return needs
}
