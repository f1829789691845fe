package evidence

import (
	"golang.org/x/mod/sumdb/tlog"

	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// path proves that the larger of two checkpoints adds to the smaller. Only the
// tiles of the published log can: a bundle knows its own entry.
func (v *verifier) path(c, known proof.Checkpoint) (tlog.TreeProof, error) {
	if c.Size == known.Size || c.Origin != known.Origin {
		return nil, nil
	}
	larger, smaller := known, c
	if c.Size > known.Size {
		larger, smaller = c, known
	}
	if v.trust.Tiles == nil {
		return nil, refused(lang.T("le point de contrôle connu a %d entrées, celui du dossier %d : il faut les tuiles du journal publié, à côté du point de contrôle",
			"the known checkpoint has %d entries, the bundle's %d: the tiles of the published log are needed, beside the checkpoint", known.Size, c.Size), nil)
	}
	path, err := proof.ProveConsistency(v.trust.Tiles, larger, smaller.Size)
	if err != nil {
		return nil, refused(lang.T("les tuiles du journal publié ne mènent pas du point de contrôle de %d entrées à celui de %d : journal incomplet ou bifurqué",
			"the tiles of the published log don't lead from the checkpoint of %d entries to that of %d: the log is incomplete or forked", smaller.Size, larger.Size), err)
	}
	return path, nil
}
