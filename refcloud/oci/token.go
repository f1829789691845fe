package oci

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/distribution/distribution/v3/registry/auth/token"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// account is somebody whom the token server knows: all rights below a namespace,
// none elsewhere.
type account struct {
	name, password, namespace string
}

// tokens is the token server, as the distribution project documents it: GET with
// Basic credentials, a service and scopes; a signed token with the part of the
// scopes that the account may have.
type tokens struct {
	service  string
	accounts []account
	signer   jose.Signer
	keys     jose.JSONWebKeySet
}

// lifetime is how long a token is good, in seconds.
const lifetime = 300

func newTokens(service string, accounts ...account) (*tokens, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key of the token server: %w", err)
	}
	id := hexID(8)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		return nil, fmt.Errorf("make signer of the token server: %w", err)
	}
	keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: id, Algorithm: string(jose.ES256), Use: "sig"}}}
	return &tokens{service: service, accounts: accounts, signer: signer, keys: keys}, nil
}

// writeKeys writes the public keys where the registry reads them.
func (t *tokens) writeKeys(path string) error {
	doc, err := json.Marshal(t.keys)
	if err != nil {
		return fmt.Errorf("encode keys of the token server: %w", err)
	}
	return os.WriteFile(path, doc, 0o600)
}

// ServeHTTP hands out a token. Nobody gets one too, without any right: a client
// that is not logged in asks for it all the same.
func (t *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	who, ok := t.authenticate(r)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="token"`)
		Refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "wrong user or password")
		return
	}
	if got := r.URL.Query().Get("service"); got != t.service {
		Refuse(w, http.StatusBadRequest, "UNSUPPORTED", "unknown service "+got)
		return
	}
	var access []*token.ResourceActions
	for _, scope := range strings.Fields(strings.Join(r.URL.Query()["scope"], " ")) {
		if grant := who.grant(scope); grant != nil {
			access = append(access, grant)
		}
	}
	raw, err := t.mint(who.name, access)
	if err != nil {
		Refuse(w, http.StatusInternalServerError, "UNSUPPORTED", err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{
		"token": raw, "access_token": raw, "expires_in": lifetime, "issued_at": time.Now().UTC().Format(time.RFC3339),
	})
}

// authenticate returns who asks: nobody, if no credentials came.
func (t *tokens) authenticate(r *http.Request) (account, bool) {
	name, password, sent := r.BasicAuth()
	if !sent {
		return account{}, true
	}
	for _, a := range t.accounts {
		if a.name == name && subtle.ConstantTimeCompare([]byte(a.password), []byte(password)) == 1 {
			return a, true
		}
	}
	return account{}, false
}

// grant returns what an account gets of a scope, nil if nothing.
func (a account) grant(scope string) *token.ResourceActions {
	parts := strings.Split(scope, ":")
	if len(parts) != 3 || a.namespace == "" {
		return nil
	}
	actions := strings.Split(parts[2], ",")
	switch {
	case parts[0] == "repository" && strings.HasPrefix(parts[1], a.namespace+"/"):
		actions = slices.DeleteFunc(actions, func(s string) bool { return s != "pull" && s != "push" && s != "delete" })
	case scope != "registry:catalog:*":
		return nil
	}
	return &token.ResourceActions{Type: parts[0], Name: parts[1], Actions: actions}
}

// mint signs a token.
func (t *tokens) mint(subject string, access []*token.ResourceActions) (string, error) {
	now := time.Now()
	return jwt.Signed(t.signer).Claims(token.ClaimSet{
		Issuer: issuer, Subject: subject, Audience: token.AudienceList{t.service}, JWTID: hexID(8),
		IssuedAt: now.Unix(), NotBefore: now.Unix(), Expiration: now.Unix() + lifetime, Access: access,
	}).Serialize()
}

// read returns what a request's token says, nil if it is none of this server's.
func (t *tokens) read(r *http.Request) *token.ClaimSet {
	parsed, err := jwt.ParseSigned(bearerOf(r), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil
	}
	claims := &token.ClaimSet{}
	if err := parsed.Claims(t.keys.Keys[0].Key, claims); err != nil {
		return nil
	}
	return claims
}

func bearerOf(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// rights is a bearer token of the front's own.
func (t *tokens) rights(access ...*token.ResourceActions) string {
	raw, err := t.mint("front", access)
	if err != nil {
		return ""
	}
	return "Bearer " + raw
}

const issuer = "refcloud"

func hexID(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
