package source

import (
	"archive/tar"
	"bytes"
	"io"
	"iter"
	"path"
	"strings"

	"atelier/data"
)

// hardLinks are further names of members of a tar. Their bytes are read again from the member,
// which may be far behind when the link is met.
type hardLinks struct {
	leadsTo map[string]string   // from link to member
	of      map[string][]string // from member to its links that are not hidden
	members []string            // members with such links, in the order of their first link
}

// memberKey normalizes the name of a member for links.
func memberKey(name string) string { return path.Clean(strings.ReplaceAll(name, `\`, "/")) }

// add records a link. A link to a link is resolved to the member itself.
func (h *hardLinks) add(link *tar.Header, hidden bool) {
	if h.of == nil {
		h.leadsTo, h.of = map[string]string{}, map[string][]string{}
	}
	to := memberKey(link.Linkname)
	if first, ok := h.leadsTo[to]; ok {
		to = first
	}
	h.leadsTo[memberKey(link.Name)] = to
	if hidden {
		return
	}
	if h.of[to] == nil {
		h.members = append(h.members, to)
	}
	h.of[to] = append(h.of[to], link.Name)
}

// walk yields the links, those of each member together, then those without a member.
func (h *hardLinks) walk(members iter.Seq2[tarMember, error], seen *names, yield func(leaf, error) bool) {
	if len(h.members) == 0 {
		return
	}
	for m, err := range members {
		if err != nil {
			yield(leaf{}, err)
			return
		}
		links := h.of[memberKey(m.Name)]
		if len(links) == 0 || m.Typeflag == tar.TypeLink || isNoMember(m.Header) {
			continue
		}
		delete(h.of, memberKey(m.Name))
		drop, content := tarDrop(m.Header), []byte(nil)
		if drop == nil {
			if content, err = io.ReadAll(m.Reader); err != nil {
				yield(leaf{}, damaged(err))
				return
			}
		}
		for _, name := range links {
			l := seen.leaf(name, drop)
			l.open = func() (io.ReadCloser, error) { return io.NopCloser(m.meter.of(bytes.NewReader(content))), nil }
			if !yield(l, nil) {
				return
			}
		}
	}
	for _, member := range h.members {
		for _, name := range h.of[member] {
			if !yield(seen.leaf(name, data.Dropf("missing", "it is a hard link to %s, which is not in the archive", member)), nil) {
				return
			}
		}
	}
}
