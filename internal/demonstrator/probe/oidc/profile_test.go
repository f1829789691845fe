package oidc_test

import (
	"slices"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/measure"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/oidc"
	"aloi.dev/internal/demonstrator/probe/probetest"
)

// TestProfile: where every client follows ProConnect's rules, the checks that any
// provider must pass still do.
func TestProfile(t *testing.T) {
	t.Parallel()
	cloud := probetest.Start(t, "oidc")
	h := &hostile{cloud: cloud, offer: cloud.Offer(t, "alize", probe.Words([]probe.Suite{oidc.Suite}), []catalogue.NeedID{"identity"})}
	service := h.offer.Services["oidc"]
	service.Settings["profile"] = "proconnect"
	service.Credentials["client"] = service.Credentials["proconnect"]
	delete(service.Credentials, "proconnect")
	service.Features = slices.DeleteFunc(service.Features, func(f string) bool { return f == "pkce" })
	h.offer.Services["oidc"] = service
	passed := 0
	for id, r := range h.measured(t, 10*time.Second) {
		switch r.State {
		case measure.Pass:
			passed++
		case measure.Unsupported:
		default:
			t.Errorf("%s: %s %+v", id, r.State, r.Reason)
		}
	}
	if passed < 90 {
		t.Errorf("%d checks pass", passed)
	}
}

// TestSettings: a setting that can't be is said before anything is asked.
func TestSettings(t *testing.T) {
	t.Parallel()
	cloud := probetest.Start(t, "oidc")
	for key, value := range map[string]string{
		"redirect-uri": "callback", "post-logout-redirect-uri": "%", "profile": "franceconnect", "userinfo-signed-alg": "none", "code-lifetime": "an hour",
	} {
		h := &hostile{cloud: cloud, offer: cloud.Offer(t, "alize", probe.Words([]probe.Suite{oidc.Suite}), []catalogue.NeedID{"identity"})}
		h.offer.Services["oidc"].Settings[key] = value
		wants(t, h.measured(t, time.Second, "oidc/discovery/served"), measure.Errored, measure.Control, key)
	}
}
