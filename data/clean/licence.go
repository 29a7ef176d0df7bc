package clean

import (
	"atelier/data"
	"atelier/internal/licence"
)

func init() {
	data.Cleaners.Add("licence", "keeps Items whose licence matches a pattern; by default all",
		func() data.Cleaner { return &Licence{} })
}

// Licence keeps Items of any kind by their licence.
type Licence struct {
	Allow []string `help:"patterns such as [\"CC-BY-*\", \"CC0-*\", \"MIT\"]; Items with another or an unknown licence are dropped; empty keeps all"`
}

// Clean implements [data.Cleaner].
func (c *Licence) Clean(p *data.Piece) error {
	if len(c.Allow) == 0 || licence.Match(c.Allow, p.Origin.Licence) {
		return nil
	}
	if p.Origin.Licence == "" {
		return &data.Drop{Reason: "licence", Detail: "no licence is known"}
	}
	return data.Dropf("licence", "%q is not allowed", p.Origin.Licence)
}
