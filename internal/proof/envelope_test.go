package proof_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"aloi.dev/internal/proof"
)

type saying struct {
	Says string `json:"says"`
}

func statement(t testing.TB) proof.Statement {
	t.Helper()
	s, err := proof.NewStatement("https://example.org/saying/v1", saying{"é<&>"}, [2]string{"thing", proof.Digest([]byte("thing"))})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sealed(t testing.TB, keys ...*proof.Key) []byte {
	t.Helper()
	e, err := proof.Seal(statement(t), keys...)
	if err != nil {
		t.Fatal(err)
	}
	text, err := e.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	a, b := newKey(t, "a"), newKey(t, "b")
	text := sealed(t, a)
	if !bytes.Equal(text, sealed(t, a)) {
		t.Error("signed twice, the bytes differ")
	}
	e, err := proof.ParseEnvelope(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Sign(b); err != nil {
		t.Fatal(err)
	}
	if err := e.Sign(a); err == nil {
		t.Error("a key signed twice")
	}
	var said saying
	if err := json.Unmarshal(e.Statement.Predicate, &said); err != nil || said.Says != "é<&>" {
		t.Errorf("%+v, %v", said, err)
	}
	if digest, ok := e.Statement.About("thing"); !ok || digest != proof.Digest([]byte("thing")) {
		t.Errorf("about %s, %t", digest, ok)
	}
	ida, idb := identify(t, a, nil, noon), identify(t, b, nil, noon)
	if by, err := e.Verify(ringOf(t, idb)); err != nil || len(by) != 1 || by[0] != idb {
		t.Errorf("by %v, %v", by, err)
	}
	if by, err := e.Verify(ringOf(t, ida, idb)); err != nil || len(by) != 2 {
		t.Errorf("by %v, %v", by, err)
	}
	var untrusted *proof.Untrusted
	if _, err := e.Verify(&proof.Ring{}); !errors.As(err, &untrusted) || len(untrusted.Signers) != 2 {
		t.Errorf("an empty ring: %v", err)
	}
	var forged *proof.Forged
	if _, err := e.Verify(ringOf(t, identify(t, newKey(t, "a"), nil, noon))); !errors.As(err, &untrusted) {
		t.Errorf("a key of the same name: %v", err)
	}
	wrong, err := proof.ParseEnvelope(bytes.Replace(text, []byte(`"sig":"`), []byte(`"sig":"AAAA`), 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wrong.Verify(ringOf(t, ida)); !errors.As(err, &forged) {
		t.Errorf("a wrong signature: %v", err)
	}
}

// judge lets another implementation of DSSE check our envelopes.
func TestEnvelope_OtherImplementation(t *testing.T) {
	t.Parallel()
	if got := dsse.PAE("http://example.com/HelloWorld", []byte("hello world")); string(got) != "DSSEv1 29 http://example.com/HelloWorld 11 hello world" {
		t.Errorf("not the specification's example: %s", got)
	}
	k := newKey(t, "a")
	var wire dsse.Envelope
	if err := json.Unmarshal(sealed(t, k), &wire); err != nil {
		t.Fatal(err)
	}
	verifier, err := dsse.NewEnvelopeVerifier(judge{k.Public()})
	if err != nil {
		t.Fatal(err)
	}
	if by, err := verifier.Verify(t.Context(), &wire); err != nil || len(by) != 1 {
		t.Errorf("%v, %v", by, err)
	}
}

func TestParseEnvelope_Refuses(t *testing.T) {
	t.Parallel()
	text := string(sealed(t, newKey(t, "a")))
	e := map[string]any{}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	payload, _ := e["payload"].(string)
	sigs, _ := e["signatures"].([]any)
	said, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		t.Fatal(err)
	}
	with := func(key string, v any) string {
		changed := map[string]any{"payloadType": e["payloadType"], "payload": e["payload"], "signatures": e["signatures"]}
		changed[key] = v
		b, err := proof.Canonical(changed)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	rewrite := func(from, to string) string {
		return with("payload", base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(said), from, to, 1))))
	}
	for name, c := range map[string]struct{ text, says string }{
		"empty": {"", "cut"}, "trailing": {text + "\n", "canonical"}, "space": {strings.Replace(text, ":", ": ", 1), "canonical"},
		"type":           {with("payloadType", "text/plain"), "text/plain"},
		"field":          {with("more", 1), "unknown field"},
		"base64":         {with("payload", payload+"\n"), "base64"},
		"payload":        {with("payload", "e30="), "statement"},
		"twice":          {with("signatures", []any{sigs[0], sigs[0]}), "twice"},
		"signature":      {with("signatures", []any{map[string]string{"keyid": "a+00000000", "sig": "*"}}), "base64"},
		"statement type": {rewrite("/v1", "/v0"), "Statement/v0"},
		"duplicate key":  {rewrite(`{"says":`, `{"says":"x","says":`), "twice"},
	} {
		if _, err := proof.ParseEnvelope([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseEnvelope(f *testing.F) {
	f.Add(sealed(f, newKey(f, "a")))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := proof.ParseEnvelope(text)
		if err != nil {
			return
		}
		if again, err := e.Bytes(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q reads as %q, %v", text, again, err)
		}
	})
}

// judge is a public key as the DSSE library wants it.
type judge struct{ key proof.PublicKey }

func (j judge) Verify(_ context.Context, data, sig []byte) error {
	if !ed25519.Verify(j.key.Bytes(), data, sig) {
		return errors.New("wrong")
	}
	return nil
}
func (j judge) KeyID() (string, error)   { return j.key.ID(), nil }
func (j judge) Public() crypto.PublicKey { return ed25519.PublicKey(j.key.Bytes()) }
