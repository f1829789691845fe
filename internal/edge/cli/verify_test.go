package cli

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/probe/probetest"
	"aloi.dev/internal/proof"
)

// TestVerify measures, seals, and verifies elsewhere: another folder, another
// person, nothing but the bundle and the public key.
func TestVerify(t *testing.T) {
	t.Parallel()
	cloud := probetest.Start(t, "s3")
	w := newWorld(t)
	alize := filepath.Join(cloud.Dir, "alize.yaml")
	w.run("key", "new", "alize", "--holder", "Alizé SAS").wants(0)
	r := w.run("evaluate", "--only", "s3/range/*", "--seed", "7", "--out", "DIR/part", alize).wants(3)
	command := regexp.MustCompile(`aloi verify --trust (\S+) (\S+)`).FindStringSubmatch(r.out)
	if command == nil {
		t.Fatalf("no command to verify in\n%s", r.out)
	}
	noSecret(t, cloud, filepath.Join(w.dir, "part"))

	tlsKey(t, cloud, command[2])

	other := newWorld(t)
	public, bundle := other.copy(t, command[1]), other.copy(t, command[2])
	other.run("verify", "--trust", public, bundle).
		wants(0, "holds", "declared by Alizé SAS (applicant)", "decided again: identical", "consistency with the published log: not checked").
		matches(`run aloi-\S+ of .*: complete`)
	var files []struct {
		Holds   bool
		Checked []struct{ FR, EN string }
	}
	if r := other.run("verify", "--json", "--trust", public, bundle).wants(0); json.Unmarshal([]byte(r.out), &files) != nil || !files[0].Holds || len(files[0].Checked) < 5 {
		t.Errorf("--json wrote\n%s", r.out)
	}
	other.run("verify", bundle).wants(1, "refused", "which you don't trust")
	w.run("verify", bundle).wants(0) // whoever sealed it trusts itself

	data, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	changed := other.write("changed.aloi", strings.Replace(string(data), `"state":"pass"`, `"state":"fail"`, 1))
	other.run("verify", "--trust", public, bundle, changed).wants(1, "aloi: holds", "changed.aloi: refused", "results.jsonl")
	other.run("report", changed).wants(2, "results.jsonl")
	other.run("report", bundle).wants(0, "Alizé")
	if _, err := os.Stat(strings.TrimSuffix(bundle, evidence.Ext) + "/report.fr.html"); err != nil {
		t.Error(err)
	}
	other.run("compare", bundle, bundle).wants(0, "Same catalogue")

	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{2, "cannot open", []string{"DIR/none.aloi"}},
		{2, "is a folder: `aloi seal", []string{w.dir}},
		{1, "not an intact bundle", []string{other.write("empty.aloi", "")}},
		{1, "not an intact bundle", []string{other.write("text.aloi", "hello")}},
		{1, "not an intact signed statement", []string{other.write("a.json", "{}")}},
		{2, "public key file", []string{"--trust", "DIR/none.pub", bundle}},
		{2, "checkpoint", []string{"--checkpoint", other.write("bad", "x"), "--trust", public, bundle}},
		{2, "", nil},
	} {
		other.run(append([]string{"verify"}, c.args...)...).wants(c.code, c.says)
	}

	// the published log is the folder of the key's log, as it is
	log := filepath.Join(w.dir, "home", "log", "alize", "checkpoint")
	other.run("verify", "--trust", public, "--checkpoint", log, bundle).wants(0, "consistent with the checkpoint of 1 entries")
	w.run("evaluate", "--only", "s3/range/first", "--out", "DIR/second", alize)
	other.run("verify", "--trust", public, "--checkpoint", log, bundle).wants(0, "consistent with the checkpoint of 2 entries")
}

// tlsKey wants the statement to name the key of the certificate that the reference
// cloud's endpoint shows.
func tlsKey(t *testing.T, cloud *probetest.Cloud, bundle string) {
	t.Helper()
	data, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	v, err := evidence.VerifyBundle(bytes.NewReader(data), int64(len(data)), evidence.Trust{Ring: &proof.Ring{}, Anyone: true})
	if err != nil {
		t.Fatal(err)
	}
	endpoint := v.Claim.Offers[0].Endpoints[0]
	conn, err := tls.Dial("tcp", strings.TrimPrefix(endpoint.Address, "https://"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if want := proof.Digest(conn.ConnectionState().PeerCertificates[0].RawSubjectPublicKeyInfo); len(endpoint.TLSKeys) != 1 || endpoint.TLSKeys[0] != want {
		t.Errorf("TLS keys %v, want %s", endpoint.TLSKeys, want)
	}
}

// TestSealAgain: a run that was sealed gives the same bytes again; one that lost
// its end is sealed as incomplete.
func TestSealAgain(t *testing.T) {
	t.Parallel()
	cloud := probetest.Start(t, "s3")
	w := newWorld(t)
	w.run("evaluate", "--only", "s3/range/*", "--out", "DIR/run", filepath.Join(cloud.Dir, "alize.yaml")).wants(3, "no key here: local+")
	bundles, err := filepath.Glob(filepath.Join(w.dir, "run", "*.aloi"))
	if err != nil || len(bundles) != 1 {
		t.Fatalf("%v, %v", bundles, err)
	}
	first, err := os.ReadFile(bundles[0])
	if err != nil {
		t.Fatal(err)
	}
	w.run("seal", "DIR/run").wants(0, "aloi verify --trust")
	again, err := os.ReadFile(bundles[0])
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("sealed again, the bytes differ: %v", err)
	}
	if err := os.Remove(filepath.Join(w.dir, "run", "end.json")); err != nil {
		t.Fatal(err)
	}
	w.run("seal", "DIR/run").wants(2, "exists already and differs")
	w.run("verify", bundles[0]).matches("run aloi-[a-z0-9]+ of .*: complete")
	if err := os.Remove(bundles[0]); err != nil {
		t.Fatal(err)
	}
	w.run("seal", "DIR/run").wants(0)
	w.run("verify", bundles[0]).wants(0, "INCOMPLETE")
	w.run("seal", "DIR/nothing").wants(2, "not a run folder")
}

// copy takes a file over into the world's folder.
func (w *world) copy(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return w.write(filepath.Base(path), string(data))
}
