package page

import (
	"net/http"
	"net/url"
	"slices"

	"atelier/jobs"
	"atelier/server"
)

// mostShots is how many results of a job the gallery shows.
const mostShots = 4

// A shelf is a part of the gallery.
type shelf struct {
	Jobs   []*jobShown
	Kind   string
	Before int64
	Filter []option
	// Trash are things that were deleted, if they are shown.
	Trash []server.Trashed
}

// inTrash is the kind of the filter that shows what was deleted.
const inTrash = "trash"

// gallery shows what was made, the newest first.
func (p *pages) gallery(r *http.Request) (content, error) {
	s := shelf{Kind: r.URL.Query().Get("kind")}
	for _, k := range []option{{"", "All", false}, {"picture", "Pictures", false}, {"text", "Texts", false}, {"music", "Music", false}, {"moving", "Films and spaces", false}, {inTrash, "Trash", false}} {
		k.Chosen = k.Value == s.Kind
		s.Filter = append(s.Filter, k)
	}
	if s.Kind == inTrash {
		err := p.get(r, "/trash", &s.Trash)
		return content{template: "gallery", here: "gallery", title: "Gallery", data: s}, err
	}
	path := "/jobs?state=done&limit=48"
	if before := r.URL.Query().Get("before"); before != "" {
		path += "&before=" + url.QueryEscape(before)
	}
	var page server.JobPage
	if err := p.get(r, path, &page); err != nil {
		return content{}, err
	}
	s.Before = page.Before
	for _, j := range page.Jobs {
		if len(j.Outputs) == 0 || !isOfKind(s.Kind, lookOf(works(j)[0].MediaType)) {
			continue
		}
		all := works(j)
		if lookOf(all[0].MediaType) == "map" { // the pictures of tiles are drawn in it
			all = slices.DeleteFunc(all, func(o jobs.Output) bool { return lookOf(o.MediaType) == "picture" })
		}
		hidden := max(len(all)-mostShots, 0)
		j.Outputs = all[:min(len(all), mostShots)]
		one, err := p.shown(r, j)
		if err != nil {
			return content{}, err
		}
		one.Hidden = hidden
		s.Jobs = append(s.Jobs, one)
	}
	return content{template: "gallery", here: "gallery", title: "Gallery", data: s}, nil
}

// isOfKind reports whether a look is of a kind of the filter.
func isOfKind(kind, look string) bool {
	return kind == "" || kind == look || kind == "music" && look == "audio" || kind == "moving" && (look == "video" || look == "page" || look == "solid") || kind == "picture" && look == "map"
}
