package page

import (
	"net/http"
	"slices"

	"atelier/app"
	"atelier/data/codec"
	"atelier/server"
)

// A playground is the page on which samples of a run are looked at by their settings.
type playground struct {
	server.RunDetail
	// Steers says that samples can be truncated, and walked between.
	Steers bool
	// Gap is the number of pixels between the pictures of a sheet.
	Gap int
}

func (p *pages) play(r *http.Request) (content, error) {
	s := playground{Gap: codec.SheetGap}
	if err := p.get(r, "/runs/"+segment(r.PathValue("run")), &s.RunDetail); err != nil {
		return content{}, err
	}
	s.Steers = slices.Contains(s.Can, "steers")
	return content{template: "play", here: "runs", title: "Playground", data: s}, nil
}

// playable reports whether a run has a playground: it draws pictures.
func playable(s *runShown) bool { return slices.Contains(s.Can, "pictures") }

// runCard is the card of a run: its data, how good it is, what it took and what it cannot do.
func (p *pages) runCard(r *http.Request) (content, error) {
	var c app.Card
	if err := p.get(r, "/runs/"+segment(r.PathValue("run"))+"/card", &c); err != nil {
		return content{}, err
	}
	return content{template: "card", here: "runs", title: "Card", data: &c}, nil
}
