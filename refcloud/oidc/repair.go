package oidc

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// repairs put right what the library leaves out, each against the section named,
// so that a red check on a faulty offer has one cause, its fault. The first is the
// nearest to the client.
var repairs = []Front{
	noStore, challenge, bearerChallenge, issuerParameter, signedUserinfo, clientFirst,
}

// noStore: RFC 6749 section 5.1 wants token responses out of every cache.
var noStore = EditHeader(tokenPath, func(_ int, h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
})

// challenge: RFC 6749 section 5.2 wants a challenge with 401, and the error as
// JSON; the introspection endpoint answers with plain text.
var challenge = Edit(tokenPath+" "+introspectPath+" "+revokePath, func(_ *store, r *http.Request, a *Answer) {
	if a.Status != http.StatusUnauthorized {
		return
	}
	a.Header.Set("WWW-Authenticate", `Basic realm="clients"`)
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
		a.Refuse(http.StatusUnauthorized, "invalid_client")
	}
})

// clientFirst: RFC 6749 section 3.2.1 has the client authenticated; the library
// looks at the code before it, and tells a stranger whether there is such a code.
var clientFirst = On(tokenPath, func(s *store, w http.ResponseWriter, r *http.Request, next http.Handler) {
	_ = r.ParseForm()
	secret := r.Form.Get("client_secret")
	if _, basic, ok := r.BasicAuth(); ok {
		secret, _ = url.QueryUnescape(basic)
	}
	if s.AuthorizeClientIDSecret(r.Context(), clientOf(r), secret) != nil {
		a := &Answer{Header: http.Header{}}
		a.Refuse(http.StatusUnauthorized, "invalid_client")
		a.send(w, r)
		return
	}
	next.ServeHTTP(w, r)
})

// bearerChallenge: RFC 6750 section 3 wants 401 with a challenge; the library
// answers 403 for a token that doesn't count any more, and no challenge at all.
var bearerChallenge = Edit(userinfoPath, func(s *store, r *http.Request, a *Answer) {
	if a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden {
		return
	}
	a.Status = http.StatusUnauthorized
	value := `Bearer realm="userinfo"`
	if r.Header.Get("Authorization") != "" || r.Form.Get("access_token") != "" {
		value += `, error="invalid_token"`
	}
	a.Header.Set("WWW-Authenticate", value)
})

// issuerParameter: RFC 9207, which the library doesn't know.
func issuerParameter(s *store, next http.Handler) http.Handler {
	announced := EditJSON(discoveryPath, func(_ *store, doc map[string]any) {
		doc["authorization_response_iss_parameter_supported"] = true
	})
	added := EditRedirect(authorizePath+" "+callbackPath, func(s *store, _ *url.URL, query url.Values) {
		query.Set("iss", s.issuer)
	})
	return announced(s, added(s, next))
}

// signedUserinfo: a client may register for signed answers (OpenID Connect Core,
// section 5.3.2); the library only knows plain ones.
var signedUserinfo = Edit(userinfoPath, func(s *store, _ *http.Request, a *Answer) {
	var claims map[string]any
	if a.Status != http.StatusOK || json.Unmarshal(a.Body, &claims) != nil {
		return
	}
	client, ok := claims[signedFor].(string)
	if !ok {
		return
	}
	delete(claims, signedFor)
	claims["iss"], claims["aud"], claims["iat"] = s.issuer, client, time.Now().Unix()
	payload, err := json.Marshal(claims)
	if err != nil {
		return
	}
	signed, err := s.keys.rsa.sign(payload)
	if err != nil {
		return
	}
	a.Header.Set("Content-Type", "application/jwt")
	a.Body = []byte(signed)
})
