package catalogue_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/fault"
)

func TestCatalogue_Digest(t *testing.T) {
	t.Parallel()
	want, err := loaded(t, good(t, nil)).Digest()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("testdata/good/targets/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	half := strings.Index(text, "  - id: reversibility")
	reworded := strings.NewReplacer(
		"targets:\n", "# a comment\ntargets:\n",
		"    role: gate\n    title: {fr: Conteneurs, en: Buckets}\n", "    title:\n      en: Buckets # words\n      fr: \"Conteneurs\"\n    role: gate\n",
		"5 s", "5000ms", "1 GiB", "1024 MiB", "95 %", "95.0%",
	)
	same := good(t, map[string]string{
		"targets/base.yaml": reworded.Replace(text[:half]),
		"targets/a.yaml":    "targets:\n" + text[half:],
	})
	if got, _ := loaded(t, same).Digest(); got != want || !strings.HasPrefix(got, "sha256:") {
		t.Errorf("the same catalogue in other files has another digest: %s, %s", got, want)
	}
	other := good(t, map[string]string{"targets/base.yaml": strings.Replace(text, "weight: 10", "weight: 11", 1)})
	if got, _ := loaded(t, other).Digest(); got == want {
		t.Error("another weight has the same digest")
	}
}

func TestOffer_Digest(t *testing.T) {
	t.Parallel()
	want, err := offerOf(t, goodOffer(t)).Digest()
	if err != nil {
		t.Fatal(err)
	}
	reordered := strings.Replace(goodOffer(t), "region: fr-1\npositions: [storage]\n", "positions:\n- storage # x\nregion: \"fr-1\"\n", 1)
	if got, _ := offerOf(t, reordered).Digest(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	none := strings.Replace(goodOffer(t), "    features: [versioning]\n", "", 1)
	empty := strings.Replace(goodOffer(t), "[versioning]", "[]", 1)
	noHosts := strings.Replace(goodOffer(t), "    trust:", "    hosts: []\n    trust:", 1)
	if got, _ := offerOf(t, noHosts).Digest(); got != want {
		t.Errorf("an empty list of hosts changes the digest: %s, want %s", got, want)
	}
	a, _ := offerOf(t, none).Digest()
	b, _ := offerOf(t, empty).Digest()
	if a != b || a == want {
		t.Errorf("no features: %s, empty features: %s", a, b)
	}
}

func TestFromJSON(t *testing.T) {
	t.Parallel()
	c := loaded(t, good(t, nil))
	b, err := c.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	back, err := catalogue.FromJSON(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, back); diff != "" {
		t.Error(diff)
	}
	o := offerOf(t, goodOffer(t))
	ob, err := o.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	oBack, err := catalogue.OfferFromJSON(ob)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(o, oBack); diff != "" {
		t.Error(diff)
	}
	for name, broken := range map[string][]byte{
		"space":         append([]byte(" "), b...),
		"line end":      append(bytes.Clone(b), '\n'),
		"second value":  append(bytes.Clone(b), b...),
		"unknown field": bytes.Replace(b, []byte(`{"needs"`), []byte(`{"more":1,"needs"`), 1),
		"other unit":    bytes.Replace(b, []byte(`"5 s"`), []byte(`"5000 ms"`), 1),
		"cut":           b[:len(b)-1],
		"empty":         nil,
	} {
		if _, err := catalogue.FromJSON(broken); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
