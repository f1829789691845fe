package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aloi.dev/internal/demonstrator/probe/probetest"
)

func TestOfferInit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run("offer", "init", "DIR/mine.yaml").wants(0, "mine.yaml written")
	data, err := os.ReadFile(filepath.Join(w.dir, "mine.yaml"))
	if err != nil || !strings.HasPrefix(string(data), "# yaml-language-server: $schema=offer.schema.json\n") {
		t.Errorf("%v\n%s", err, data)
	}
	if _, err := os.Stat(filepath.Join(w.dir, "offer.schema.json")); err != nil {
		t.Error(err)
	}
	w.run("offer", "init", "DIR/mine.yaml").wants(2, "exists already")
	// the example is valid as it stands: only its credentials are missing
	w.run("evaluate", "--out", "DIR/run", "DIR/mine.yaml").wants(2, "environment variable", "not set")
	if _, err := os.Stat(filepath.Join(w.dir, "run")); err == nil {
		t.Error("a run folder was made for an offer that can't be measured")
	}
}

func TestOfferCheck(t *testing.T) {
	t.Parallel()
	cloud := probetest.Start(t, "s3")
	w := newWorld(t)
	alize := filepath.Join(cloud.Dir, "alize.yaml")
	w.run("offer", "check", alize).wants(0, "✓", "refused in a foreign bucket", "ready to be measured")
	w.run("offer", "check", "--lang", "fr", alize).wants(0, "refusé dans un seau étranger", "prête à être mesurée")

	text, err := os.ReadFile(alize)
	if err != nil {
		t.Fatal(err)
	}
	offer := strings.ReplaceAll(string(text), "file:", "file:"+cloud.Dir+"/")
	w.write("wrong.secret", "not-the-secret")
	broken := strings.Replace(offer, cloud.Dir+"/secrets/alize-s3-main.secret", w.dir+"/wrong.secret", 1)
	w.run("offer", "check", w.write("wrong.yaml", broken)).wants(2, "✗", "control call", "SignatureDoesNotMatch")

	own := filepath.Join(cloud.Dir, "secrets", "alize-s3-main.secret")
	secret, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	literal := strings.Replace(offer, "file:"+own, strings.TrimSpace(string(secret)), 1)
	r := w.run("offer", "check", w.write("literal.yaml", literal)).wants(2, "literal.yaml:", "env:", "file:")
	if strings.Contains(r.out+r.err, strings.TrimSpace(string(secret))) {
		t.Error("the refusal of a literal secret shows it")
	}
	if left, _ := filepath.Glob(filepath.Join(w.dir, "runs", "*")); len(left) != 0 {
		t.Errorf("an examination left %v", left)
	}
	for _, name := range cloud.Inventory(t, "alize") {
		if strings.Contains(name, "aloi-") {
			t.Errorf("left at the offer: %s", name)
		}
	}
}
