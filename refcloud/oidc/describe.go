package oidc

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"aloi.dev/refcloud/service"
)

// Describe is the service's part of the offer's file.
func (s *Server) Describe() service.Description {
	credentials := []service.Credential{{Name: "user", Fields: []service.Secret{
		{Key: "username", Ext: "name", Value: s.store.person.name},
		{Key: "password", Ext: "secret", Value: s.store.person.password},
	}}}
	var settings []service.Pair
	for _, id := range slices.Sorted(maps.Keys(s.store.clients)) {
		c := s.store.clients[id]
		account, _, _ := strings.Cut(id, "-")
		credentials = append(credentials, service.Credential{Name: account, Fields: []service.Secret{
			{Key: "client-id", Ext: "id", Value: c.id},
			{Key: "client-secret", Ext: "secret", Value: c.secret},
		}})
		settings = []service.Pair{
			{Key: "issuer", Value: s.store.issuer},
			{Key: "redirect-uri", Value: c.redirect},
			{Key: "post-logout-redirect-uri", Value: c.signedOut},
			{Key: "userinfo-signed-alg", Value: "RS256"},
			{Key: "code-lifetime", Value: fmt.Sprintf("%d s", int(proConnectCodeLife.Seconds()))},
		}
	}
	return service.Description{
		Endpoint:    "https://" + s.listener.Addr().String(),
		Settings:    settings,
		Features:    slices.Clone(features),
		Credentials: credentials,
	}
}
