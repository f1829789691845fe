package oidc

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The paths of the provider, below its issuer.
const (
	discoveryPath  = "/.well-known/openid-configuration"
	keysPath       = "/keys"
	authorizePath  = "/authorize"
	callbackPath   = "/authorize/callback"
	tokenPath      = "/oauth/token"
	introspectPath = "/oauth/introspect"
	userinfoPath   = "/userinfo"
	revokePath     = "/revoke"
	endSessionPath = "/end_session"
	loginPath      = "/login"
	consentPath    = "/consent"
	signedOutPath  = "/signed-out"
)

// Front wraps what serves requests: a fault, a variation, or a repair.
type Front func(s *store, next http.Handler) http.Handler

// Answer is an answer held back so that it can be edited.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// On hands the requests of some paths, separated by spaces, or "*" for all, to
// handle, which may answer itself or call next.
func On(paths string, handle func(s *store, w http.ResponseWriter, r *http.Request, next http.Handler)) Front {
	list := strings.Fields(paths)
	return func(s *store, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if paths != "*" && !slices.Contains(list, r.URL.Path) {
				next.ServeHTTP(w, r)
				return
			}
			handle(s, w, r, next)
		})
	}
}

// Edit edits whole answers.
func Edit(paths string, edit func(s *store, r *http.Request, a *Answer)) Front {
	return On(paths, func(s *store, w http.ResponseWriter, r *http.Request, next http.Handler) {
		_ = r.ParseForm() // before its body is read further on
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		a := &Answer{Status: rec.Code, Header: rec.Header(), Body: rec.Body.Bytes()}
		edit(s, r, a)
		a.send(w, r)
	})
}

// EditJSON edits the document of an answer that succeeded.
func EditJSON(path string, edit func(s *store, doc map[string]any)) Front {
	return Edit(path, func(s *store, _ *http.Request, a *Answer) {
		var doc map[string]any
		if a.Status != http.StatusOK || json.Unmarshal(a.Body, &doc) != nil {
			return
		}
		edit(s, doc)
		a.Body, _ = json.Marshal(doc)
	})
}

// EditHeader edits the header of answers.
func EditHeader(paths string, edit func(status int, h http.Header)) Front {
	return Edit(paths, func(_ *store, _ *http.Request, a *Answer) { edit(a.Status, a.Header) })
}

// EditError edits the error documents of the token endpoint and its kin.
func EditError(paths string, edit func(a *Answer, code string)) Front {
	return Edit(paths, func(_ *store, _ *http.Request, a *Answer) {
		var doc struct {
			Error string `json:"error"`
		}
		if a.Status >= 400 && json.Unmarshal(a.Body, &doc) == nil && doc.Error != "" {
			edit(a, doc.Error)
		}
	})
}

// EditToken edits the claims of the ID tokens that the token endpoint gives, and
// signs them again with the provider's own key: only their content is wrong.
func EditToken(edit func(claims map[string]any)) Front {
	return EditJSON(tokenPath, func(s *store, doc map[string]any) {
		resigned(doc, func(claims map[string]any) (string, error) {
			edit(claims)
			payload, err := json.Marshal(claims)
			if err != nil {
				return "", err
			}
			return s.signer().sign(payload)
		})
	})
}

// resigned replaces the ID token of a token response by what make returns for its
// claims.
func resigned(doc map[string]any, remake func(claims map[string]any) (string, error)) {
	text, ok := doc["id_token"].(string)
	if !ok {
		return
	}
	if claims := claimsOf(text); claims != nil {
		if signed, err := remake(claims); err == nil {
			doc["id_token"] = signed
		}
	}
}

// claimsOf reads the payload of a compact JWS; nil when there is none.
func claimsOf(text string) map[string]any {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(string(payload)))
	dec.UseNumber()
	var claims map[string]any
	if dec.Decode(&claims) != nil {
		return nil
	}
	return claims
}

// EditForm edits the parameters of requests, wherever they are, before the
// provider sees them.
func EditForm(paths string, edit func(s *store, r *http.Request, form url.Values)) Front {
	return On(paths, func(s *store, w http.ResponseWriter, r *http.Request, next http.Handler) {
		_ = r.ParseForm()
		edit(s, r, r.Form)
		r.PostForm = r.Form
		next.ServeHTTP(w, r)
	})
}

// EditRedirect edits the address to which answers of some paths redirect.
func EditRedirect(paths string, edit func(s *store, to *url.URL, query url.Values)) Front {
	return Edit(paths, func(s *store, _ *http.Request, a *Answer) {
		to, err := url.Parse(a.Header.Get("Location"))
		if err != nil || a.Header.Get("Location") == "" || strings.HasPrefix(to.String(), s.issuer) {
			return
		}
		query := to.Query()
		edit(s, to, query)
		to.RawQuery = query.Encode()
		a.Header.Set("Location", to.String())
	})
}

// Refuse makes an answer an OAuth error.
func (a *Answer) Refuse(status int, code string) {
	a.Status = status
	a.Header.Set("Content-Type", "application/json")
	a.Body, _ = json.Marshal(map[string]string{"error": code})
}

func (a *Answer) send(w http.ResponseWriter, r *http.Request) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	if r.Method != http.MethodHead {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	w.Write(a.Body)
}
