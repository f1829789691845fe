package oidc

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"aloi.dev/internal/demonstrator/probe"
)

// userinfoAlgs are the algorithms with which ProConnect's documentation says that
// claims are signed.
var userinfoAlgs = []string{"RS256", "ES256", "HS256"}

// webKey is a key of the provider's set: as it is written, and read.
type webKey struct {
	raw map[string]any
	key jose.JSONWebKey
	err error // why it can't be read
}

func (k webKey) text(name string) string {
	s, _ := k.raw[name].(string)
	return s
}

// label names a key in a sentence.
func (k webKey) label() string {
	if kid := k.text("kid"); kid != "" {
		return fmt.Sprintf("the %s key %q", k.text("kty"), clip(kid))
	}
	return "a " + k.text("kty") + " key"
}

// keySet reads the provider's key set.
func (p *Provider) keySet(t *probe.T) (Answer, []webKey) {
	to, err := p.metadataFor(t).endpoint("jwks_uri")
	must(t, "GET discovery", err)
	a := p.do(t, call{did: "GET jwks", url: to.String()})
	t.Want(a.Status == http.StatusOK, a.Did, a.Got(), "200 with the key set")
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(a.Body, &set); err != nil || len(set.Keys) == 0 {
		t.Fail(a.Did, a.Got()+" without keys", "a JSON object with keys")
	}
	var list []webKey
	for _, text := range set.Keys {
		k := webKey{}
		if json.Unmarshal(text, &k.raw) != nil || k.raw == nil {
			t.Fail(a.Did, "a key that isn't an object", "a list of JSON Web Keys")
		}
		k.err = k.key.UnmarshalJSON(text)
		list = append(list, k)
	}
	return a, list
}

// header is the protected header of a JWS.
type header struct{ Alg, Kid string }

// headerOf reads the header of a compact JWS.
func headerOf(text string) (header, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return header{}, fmt.Errorf("%d parts", len(parts))
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil {
		return header{}, errors.New("a header that isn't base64url")
	}
	var h header
	if json.Unmarshal(raw, &h) != nil {
		return header{}, errors.New("a header that isn't JSON")
	}
	return h, nil
}

// verified ends the check unless text is a JWS in one of the algorithms, by a key
// that the provider publishes, or by the client's secret where that is allowed, and
// returns its claims.
func (p *Provider) verified(t *probe.T, did, text, account string, algs []string) map[string]any {
	const want = "a JWS by a published key"
	h, err := headerOf(text)
	if err != nil {
		t.Fail(did, "no JWS: "+err.Error(), want)
	}
	t.Want(!strings.EqualFold(h.Alg, "none") && slices.Contains(algs, h.Alg), did, fmt.Sprintf("alg %q", clip(h.Alg)), "alg "+strings.Join(algs, " or "))
	signed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(h.Alg)})
	if err != nil {
		t.Fail(did, "no JWS that can be read", want)
	}
	payload, by := p.payload(t, signed, h, account)
	t.Want(payload != nil, did, "a signature that "+by, want)
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.UseNumber()
	var claims map[string]any
	if dec.Decode(&claims) != nil || claims == nil {
		t.Fail(did, "claims that aren't a JSON object", "a JSON object of claims")
	}
	return claims
}

// payload verifies the signature and returns what was signed; nil and why it
// doesn't verify.
func (p *Provider) payload(t *probe.T, signed *jose.JSONWebSignature, h header, account string) (payload []byte, why string) {
	if strings.HasPrefix(h.Alg, "HS") {
		_, secret := p.account(account)
		if payload, err := signed.Verify([]byte(secret)); err == nil {
			return payload, ""
		}
		return nil, "isn't by the client's secret"
	}
	_, keys := p.keySet(t)
	why = fmt.Sprintf("names the key %q, which isn't published", clip(h.Kid))
	for _, k := range keys {
		if k.err != nil || h.Kid != "" && k.key.KeyID != h.Kid || k.key.Use == "enc" {
			continue
		}
		if payload, err := signed.Verify(k.key.Public()); err == nil {
			return payload, ""
		}
		why = "isn't by " + k.label()
	}
	return nil, why
}

// idToken verifies the signature of an ID token and returns its claims.
func (p *Provider) idToken(t *probe.T, f *flow, r tokens) map[string]any {
	t.Want(r.idText != "", r.answer.Did, "200 without id_token", "an id_token")
	algs, _ := p.metadataFor(t).list("id_token_signing_alg_values_supported")
	return p.verified(t, "the ID token", r.idText, f.account, algs)
}

// userinfo asks for the claims that an access token gives, signed or not.
func (p *Provider) userinfo(t *probe.T, f *flow, access string) map[string]any {
	a := p.askUserinfo(t, http.MethodGet, bearer(access))
	t.Want(a.Status == http.StatusOK, a.Did, a.Got(), "200 with claims")
	if a.media() == "application/jwt" {
		return p.verified(t, "the signed claims", strings.TrimSpace(string(a.Body)), f.account, userinfoAlgs)
	}
	claims, err := a.object()
	must(t, a.Did, err)
	return claims
}

// bearer gives a request an access token (RFC 6750, section 2.1).
func bearer(access string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+access) }
}

// askUserinfo calls the userinfo endpoint.
func (p *Provider) askUserinfo(t *probe.T, method string, edit func(*http.Request)) Answer {
	to, err := p.metadataFor(t).endpoint("userinfo_endpoint")
	must(t, "GET discovery", err)
	return p.do(t, call{did: method + " userinfo", method: method, url: to.String(), edit: edit})
}

// claim returns a claim that is a text; "" when it is none.
func claim(claims map[string]any, name string) string {
	s, _ := claims[name].(string)
	return s
}

// seconds returns a claim that is a number of seconds.
func seconds(claims map[string]any, name string) (int64, bool) {
	n, ok := claims[name].(json.Number)
	if !ok {
		return 0, false
	}
	if whole, err := n.Int64(); err == nil {
		return whole, true
	}
	f, err := n.Float64()
	return int64(f), err == nil
}

// audience returns the aud of claims: a text or a list of them.
func audience(claims map[string]any) []string {
	switch aud := claims["aud"].(type) {
	case string:
		return []string{aud}
	case []any:
		var out []string
		for _, one := range aud {
			s, _ := one.(string)
			out = append(out, s)
		}
		return out
	}
	return nil
}
