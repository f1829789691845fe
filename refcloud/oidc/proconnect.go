package oidc

import (
	"fmt"
	"net/http"
	"slices"
)

// strictLength is the least length of state and nonce in ProConnect, in characters.
const strictLength = 32

// knownParameters are those of an authorization request; ProConnect refuses any other.
var knownParameters = []string{
	"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "response_mode", "prompt", "max_age",
	"acr_values", "claims", "login_hint", "id_token_hint", "ui_locales", "display", "code_challenge", "code_challenge_method",
}

// proConnect applies ProConnect's rules to the requests of the clients that follow
// them: its documentation's state and nonce of 32 characters, and no parameter that
// it doesn't know.
var proConnect = On(authorizePath, func(s *store, w http.ResponseWriter, r *http.Request, next http.Handler) {
	_ = r.ParseForm()
	if c, ok := s.clients[r.Form.Get("client_id")]; !ok || !c.strict {
		next.ServeHTTP(w, r)
		return
	}
	if problem := s.strictProblem(r); problem != "" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "<!DOCTYPE html><html lang=\"fr\"><title>Erreur Y000400</title><p>Y000400 : %s", problem)
		return
	}
	next.ServeHTTP(w, r)
})

// strictProblem says what ProConnect would refuse in a request; "" when nothing.
func (s *store) strictProblem(r *http.Request) string {
	for _, name := range []string{"state", "nonce"} {
		value := r.Form.Get(name)
		switch {
		case value == "" && !s.has("oidc.proconnect-"+name+"-optional"):
			return name + " manque"
		case value != "" && len(value) < strictLength && !s.has("oidc.proconnect-"+name+"-short"):
			return name + " trop court"
		}
	}
	if s.has("oidc.proconnect-extra-ignored") {
		return ""
	}
	for name := range r.Form {
		if !slices.Contains(knownParameters, name) {
			return "paramètre inconnu"
		}
	}
	return ""
}
