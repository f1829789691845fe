package oci

import "net/http"

func mounts(r *http.Request) bool { return r.URL.Query().Has("mount") }

var mountFaults = []Fault{
	{
		Name: "oci.mount-declined", Group: "mount",
		Text: "A mount always opens an upload instead.",
		Front: EditRequest("StartUpload", func(r *http.Request) {
			if mounts(r) {
				r.URL.RawQuery = ""
			}
		}),
	},
	{
		Name: "oci.mount-needs-from", Group: "mount",
		Text: "A mount without a source opens an upload.",
		Front: EditRequest("StartUpload", func(r *http.Request) {
			if mounts(r) && !r.URL.Query().Has("from") {
				r.URL.RawQuery = ""
			}
		}),
	},
	{
		Name: "oci.mount-missing-404", Group: "mount",
		Text: "A mount that isn't possible answers 404.",
		Front: EditHeader("StartUpload", func(r *http.Request, status int, _ http.Header) int {
			if mounts(r) && status == http.StatusAccepted {
				return http.StatusNotFound
			}
			return status
		}),
	},
	{
		Name: "oci.mount-unlinked", Group: "mount",
		Text: "A mount is acknowledged and not made.",
		Front: On("StartUpload", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			resp := record(next, r)
			if mounts(r) && resp.Status == http.StatusCreated {
				repository, _ := Target(r)
				right := r.Context().Value(ticketsKey{}).(tickets).tokens.rights(everything(repository))
				record(next, place{repository, right}.at(r, http.MethodDelete, "blobs/"+r.URL.Query().Get("mount")))
			}
			resp.send(w, r)
		}),
	},
	{
		Name: "oci.mount-missing-201", Group: "mount",
		Text: "A mount of what isn't there is acknowledged.",
		Front: EditHeader("StartUpload", func(r *http.Request, status int, _ http.Header) int {
			if mounts(r) && status == http.StatusAccepted {
				return http.StatusCreated
			}
			return status
		}),
	},
}
