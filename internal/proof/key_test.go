package proof_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"aloi.dev/internal/proof"
)

// The key of the examples of golang.org/x/mod/sumdb/note.
const (
	neumannSecret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
	neumannPublic = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
	neumannNote   = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
		"— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

var noon = time.Date(2026, 5, 14, 12, 0, 0, 0, time.UTC)

func newKey(t testing.TB, name string) *proof.Key {
	t.Helper()
	k, err := proof.NewKey(name, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func identify(t testing.TB, k *proof.Key, before *proof.Key, since time.Time) proof.Identity {
	t.Helper()
	id, err := proof.Identify(k, "Alizé SAS", "applicant", since, before)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func ringOf(t testing.TB, ids ...proof.Identity) *proof.Ring {
	t.Helper()
	r := &proof.Ring{}
	for _, id := range ids {
		if err := r.Add(id); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestKey_PublishedVector(t *testing.T) {
	t.Parallel()
	k, err := proof.ParseKey(neumannSecret)
	if err != nil {
		t.Fatal(err)
	}
	if k.Secret() != neumannSecret || k.Public().String() != neumannPublic || k.Public().ID() != "PeterNeumann+c74f20a3" {
		t.Errorf("%s\n%s", k.Secret(), k.Public())
	}
	p, err := proof.ParsePublicKey(neumannPublic)
	if err != nil || p != k.Public() {
		t.Errorf("%v, %v", p, err)
	}
	text, _, _ := strings.Cut(neumannNote, "\n\n")
	signed, err := note.Sign(&note.Note{Text: text + "\n"}, k)
	if err != nil || string(signed) != neumannNote {
		t.Errorf("%s, %v", signed, err)
	}
	if _, err := note.Open([]byte(neumannNote), note.VerifierList(p)); err != nil {
		t.Error(err)
	}
	if s := fmt.Sprint(k); strings.Contains(s, "AYEKFALV") || s != "PeterNeumann+c74f20a3 (secret key)" {
		t.Errorf("a printed key: %s", s)
	}
}

// TestKey_Plus has keys until the data of one holds a plus sign, as base64 may.
func TestKey_Plus(t *testing.T) {
	t.Parallel()
	for pluses := 0; pluses < 3; {
		k := newKey(t, "aloi.example/log")
		again, err := proof.ParseKey(k.Secret() + "\n")
		if err != nil || again.Secret() != k.Secret() {
			t.Fatalf("%v", err)
		}
		p, err := proof.ParsePublicKey(k.Public().String())
		if err != nil || p != k.Public() {
			t.Fatalf("%s: %v", k.Public(), err)
		}
		if strings.Count(k.Secret(), "+")+strings.Count(k.Public().String(), "+") > 6 {
			pluses++
		}
	}
}

func TestKey_Refuses(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "a b", "a+b", "a\u00a0b", "\xff"} {
		if _, err := proof.NewKey(name, rand.Reader); err == nil {
			t.Errorf("the name %q is taken", name)
		}
	}
	for _, text := range []string{"", "x", neumannPublic, neumannSecret[:len(neumannSecret)-4], strings.Replace(neumannSecret, "c74f", "c74e", 1)} {
		if _, err := proof.ParseKey(text); err == nil || strings.Contains(err.Error(), "AYEKFALV") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"", "x", neumannSecret, strings.Replace(neumannPublic, "c74f", "c74e", 1), neumannPublic + "=", strings.ToUpper(neumannPublic)} {
		if _, err := proof.ParsePublicKey(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	old, fresh := newKey(t, "alize"), newKey(t, "alize")
	first, second := identify(t, old, nil, noon), identify(t, fresh, old, noon.AddDate(1, 0, 0))
	read, err := proof.ParseIdentity([]byte(second.Text()))
	if err != nil || read != second || read.Holder != "Alizé SAS" || read.After != old.Public().ID() {
		t.Fatalf("%+v, %v", read, err)
	}
	ring := ringOf(t, first)
	if !ring.Follows(second) || ring.Follows(identify(t, newKey(t, "alize"), nil, noon)) {
		t.Error("who follows whom is wrong")
	}
	ring = ringOf(t, second, first)
	if at, ok := ring.ReplacedAt(old.Public().ID()); !ok || !at.Equal(noon.AddDate(1, 0, 0)) {
		t.Errorf("replaced at %v, %t", at, ok)
	}
	if err := ring.Add(first); err != nil || len(ring.All()) != 2 {
		t.Errorf("adding again: %v, %d", err, len(ring.All()))
	}
}

// TestIdentity_Usurped: a key that says it replaces another, and isn't signed by
// it, is refused, whichever comes first.
func TestIdentity_Usurped(t *testing.T) {
	t.Parallel()
	old, thief := newKey(t, "alize"), newKey(t, "alize")
	first := identify(t, old, nil, noon)
	stolen := identify(t, thief, old, noon)
	lines := strings.Split(stolen.Text(), "\n")
	unsigned, err := proof.ParseIdentity([]byte(strings.Join(lines[:len(lines)-2], "\n") + "\n")) // without the old key's signature
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range [][]proof.Identity{{first, unsigned}, {unsigned, first}} {
		ring := ringOf(t, order[0])
		if err := ring.Add(order[1]); err == nil || ring.Follows(unsigned) {
			t.Errorf("taken: %v", err)
		}
	}
}

func TestIdentity_Refuses(t *testing.T) {
	t.Parallel()
	k := newKey(t, "alize")
	text := identify(t, k, nil, noon).Text()
	for name, changed := range map[string]string{
		"empty": "", "other": "hello\n\n", "holder": strings.Replace(text, "SAS", "SA", 1), "role": strings.Replace(text, "applicant", "operator", 1),
		"since": strings.Replace(text, "2026", "2025", 1), "cut": text[:len(text)-9], "trailing": text + "x", "key": strings.Replace(text, "key alize", "key brume", 1),
		"more": strings.Replace(text, "\n\n", "\nafter x\nafter y\n\n", 1), "order": strings.Replace(text, "\nholder", "\n holder", 1),
	} {
		if _, err := proof.ParseIdentity([]byte(changed)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	for _, word := range []string{"", "two\nlines", " x", "a  b"} {
		if _, err := proof.Identify(k, word, "applicant", noon, nil); err == nil {
			t.Errorf("the holder %q is taken", word)
		}
	}
}

func FuzzParseIdentity(f *testing.F) {
	f.Add([]byte(identify(f, newKey(f, "alize"), newKey(f, "alize"), noon).Text()))
	f.Fuzz(func(t *testing.T, text []byte) {
		if id, err := proof.ParseIdentity(text); err == nil && id.Text() != string(text) {
			t.Errorf("%q reads as %q", text, id.Text())
		}
	})
}
