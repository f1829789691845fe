package oidc

import (
	"html/template"
	"net/http"
	"slices"
	"time"
)

// sessionCookie names the cookie of a browser in which the person has signed in.
const sessionCookie = "refcloud_session"

// login is the page on which the person signs in. It knows requests by their id.
type login struct{ store *store }

var loginPage = template.Must(template.New("login").Parse(`<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>Connexion</title></head>
<body><h1>Connexion</h1>{{with .Error}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="">
<input type="hidden" name="id" value="{{.ID}}">
{{if .AskName}}<p><label>Identifiant <input type="text" name="{{.NameField}}" autocomplete="username" required></label></p>
{{else}}<input type="hidden" name="{{.NameField}}" value="{{.Name}}">{{end}}
{{if .AskPassword}}<p><label>Mot de passe <input type="password" name="{{.PasswordField}}" autocomplete="current-password" required></label></p>{{end}}
<p><button type="submit">Se connecter</button></p>
</form></body></html>
`))

var consentPage = template.Must(template.New("consent").Parse(`<!DOCTYPE html>
<HTML LANG=fr><META CHARSET=utf-8><TITLE>Consentement</TITLE>
<P>Cette application demande à connaître votre identité.
<FORM METHOD=POST ACTION='{{.Action}}'>
<INPUT TYPE=HIDDEN NAME=id VALUE={{.ID}}>
<BUTTON TYPE=submit NAME=decision VALUE=deny>Refuser</BUTTON>
<BUTTON TYPE=submit NAME=decision VALUE=allow>Autoriser</BUTTON>
</FORM></HTML>
`))

// page is what the login page shows.
type page struct {
	ID, Name, Error          string
	AskName, AskPassword     bool
	NameField, PasswordField string
}

// ServeHTTP shows the form, or lets a browser that has a session pass, and reads
// the form.
func (l *login) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := r.FormValue("id")
	asked, err := l.store.pending(id)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "frame-ancestors 'none'")
	w.Header().Set("X-Frame-Options", "DENY")
	if r.Method == http.MethodPost {
		l.signIn(w, r, id)
		return
	}
	if cookie, ok := l.passes(r, asked); ok {
		l.finish(w, r, id, cookie)
		return
	}
	l.show(w, page{ID: id, AskName: true, AskPassword: !l.store.has("oidc.two-step-login")})
}

// passes reports whether the browser's session is enough for a request.
func (l *login) passes(r *http.Request, asked *request) (string, bool) {
	cookie := cookieOf(r)
	one, ok := l.store.session(cookie)
	if !ok {
		return "", false
	}
	if asked.done {
		return cookie, true
	}
	prompted := slices.ContainsFunc(asked.Prompt, func(p string) bool { return p == "login" || p == "select_account" })
	if prompted {
		return cookie, l.store.has("oidc.prompt-login-ignored")
	}
	return cookie, asked.fresh(one, time.Now()) || l.store.has("oidc.max-age-ignored")
}

func (l *login) signIn(w http.ResponseWriter, r *http.Request, id string) {
	p := l.fields(page{ID: id, AskName: true, AskPassword: true})
	p.Name = r.PostFormValue(p.NameField)
	if l.store.has("oidc.two-step-login") && !r.PostForm.Has(p.PasswordField) {
		p.AskName = false
		l.show(w, p)
		return
	}
	cookie, err := l.store.signIn(p.Name, r.PostFormValue(p.PasswordField))
	if err != nil {
		p.Error = "Identifiant ou mot de passe incorrect."
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusUnauthorized)
		_ = loginPage.Execute(w, p)
		return
	}
	plain := l.store.has("oidc.cookie-plain")
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: cookie, Path: "/", Secure: !plain, HttpOnly: !plain, SameSite: http.SameSiteLaxMode,
	})
	if l.store.has("oidc.consent-page") {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = consentPage.Execute(w, map[string]string{"ID": id, "Action": l.store.issuer + consentPath})
		return
	}
	l.finish(w, r, id, cookie)
}

// consent reads the answer to the page that asks for the person's consent.
func (l *login) consent(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.PostFormValue("decision") != "allow" {
		http.Error(w, "access denied", http.StatusForbidden)
		return
	}
	l.finish(w, r, r.PostFormValue("id"), cookieOf(r))
}

// finish sends the browser back to the library.
func (l *login) finish(w http.ResponseWriter, r *http.Request, id, cookie string) {
	if err := l.store.settle(id, cookie); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	status := http.StatusSeeOther
	if r.Method == http.MethodPost && l.store.has("oidc.login-307") {
		status = http.StatusTemporaryRedirect
	}
	http.Redirect(w, r, l.store.issuer+callbackPath+"?id="+id, status)
}

func (l *login) show(w http.ResponseWriter, p page) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = loginPage.Execute(w, l.fields(p))
}

// fields names the form's fields.
func (l *login) fields(p page) page {
	p.NameField, p.PasswordField = "username", "password"
	if l.store.has("oidc.form-fields") {
		p.NameField, p.PasswordField = "j_identifier", "credential[secret]"
	}
	return p
}

// signedOut is where a browser ends that has signed out for nobody.
func signedOut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte("<!DOCTYPE html><html lang=\"fr\"><title>Déconnexion</title><p>Vous êtes déconnecté."))
}

func cookieOf(r *http.Request) string {
	if c, err := r.Cookie(sessionCookie); err == nil {
		return c.Value
	}
	return ""
}
