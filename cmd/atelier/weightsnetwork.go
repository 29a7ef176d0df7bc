package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/dustin/go-humanize"

	"atelier/internal/badinput"
	"atelier/internal/home"
	"atelier/model/brought"
	"atelier/model/pixelnet"
)

// network adds what is a picture network: by its name, or the path of its files. It reports whether
// the place is one.
func (a *weightsAdd) network(ctx context.Context, place string) (bool, error) {
	known, named := pixelnet.FindKnown(place)
	origin := place
	mirror := cmp.Or(a.mirror, home.Mirror())
	switch {
	case named && known.In(mirror) != "":
		place = known.In(mirror)
		if origin = place; filepath.Base(place) == known.Archive() {
			folder, err := os.MkdirTemp("", "atelier-")
			if err != nil {
				return true, err
			}
			defer os.RemoveAll(folder)
			if err := known.Unpack(place, folder); err != nil {
				return true, err
			}
			place = folder
		}
	case named:
		return true, badinput.Errorf("%s is not downloaded by the program: %s", known.Name, known.Advice())
	case filepath.Ext(place) == ".tgz":
		return true, badinput.Errorf("%s: packages of npm are read by the names of what is in them: name the folder that has it with --mirror, and one of those that atelier weights list --all shows", place)
	case !pixelnet.IsNet(place):
		return false, nil
	}
	net, err := pixelnet.Open(place)
	if err != nil {
		return true, err
	}
	whole, err := filepath.Abs(place)
	if err != nil {
		return true, err
	}
	path := place
	switch inFolder := filepath.Base(place) != net.Files[0]; {
	case len(net.Files) == 1 && inFolder: // the only file of a folder
		path = filepath.Join(place, net.Files[0])
	case len(net.Files) > 1 && !inFolder && !isFolder(place):
		path = filepath.Dir(place)
	}
	end := filepath.Ext(whole)
	add := brought.Addition{Name: brought.NameFor(whole[:len(whole)-len(end)]), Path: path, Source: whole, Licence: a.licence, Force: a.force}
	if named {
		add.Name, add.Source, add.Licence = known.Name, known.Home, cmp.Or(a.licence, known.Licence)
	}
	add.Name = cmp.Or(a.name, add.Name)
	card, err := a.store.AddNetwork(ctx, add, net.Files, net.Facts())
	if err != nil {
		return true, err
	}
	if named && card.Hash() != known.SHA256 {
		return true, badinput.Errorf("%s has the hash %s, and not %s as its card says: these are other weights; they were not kept%s", origin, card.Hash(), known.SHA256, undone(ctx, a.store, card.Name))
	}
	a.say("%s: %s, %s parameters, %s; licence: %s", card.Name, net.Title, parameters(card.Parameters), humanize.IBytes(uint64(card.Bytes)), licenceOf(card.Licence))
	use := fmt.Sprintf("atelier %s photo.jpg --model %s", net.Does, card.Name)
	if net.Does == pixelnet.Embed {
		use = fmt.Sprintf("score.space=%s in a run file, if the weights have that name", net.Name)
	}
	a.say("hash: %s\nuse: %s", card.Hash(), use)
	return true, nil
}

// undone removes weights that were added, and says if that failed.
func undone(ctx context.Context, store *brought.Store, name string) string {
	if err := store.Remove(ctx, name); err != nil {
		return fmt.Sprintf("; they could not be removed: %v", err)
	}
	return ""
}

// networkRows are those of known picture networks that are not kept.
func networkRows(cards []*brought.Card) (rows [][]string) {
	for _, k := range pixelnet.AllKnown() {
		if !slices.ContainsFunc(cards, func(card *brought.Card) bool { return card.Name == k.Name }) {
			rows = append(rows, []string{k.Name, "-", "-", "-", "-", k.Licence, "not here yet: " + k.Home})
		}
	}
	return rows
}

// networkOf opens a picture network with its card; nil if a name or a path is none.
func networkOf(folder, name string) (*pixelnet.Net, *brought.Card, error) {
	store := brought.NewStore(folder)
	if slices.Contains(store.Names(), name) {
		card, err := store.Card(name)
		if err != nil || !pixelnet.IsNet(card.Folder) {
			return nil, nil, nil // which is told when it is opened as a language model
		}
		n, err := pixelnet.Open(card.Folder)
		return n, card, err
	}
	if !pixelnet.IsNet(name) {
		return nil, nil, nil
	}
	n, err := pixelnet.Open(name)
	if err != nil {
		return nil, nil, err
	}
	facts := n.Facts()
	facts.Name = name
	return n, &brought.Card{Source: name, Facts: facts}, nil
}

// network prints a card and what the network is.
func (c *cli) network(card *brought.Card, n *pixelnet.Net) {
	c.say("%s\n%s: %d layers, to %s", card.Name, n.Title, n.Depth(), n.Does)
	c.say("parameters   %s, mostly %s", humanize.Comma(card.Parameters), card.Type)
	c.say("licence      %s", licenceOf(card.Licence))
	c.say("source       %s", sourceOf(card))
	for _, f := range card.Contents {
		c.say("file         %s  %s  %s", f.SHA256, f.Path, humanize.IBytes(uint64(f.Size)))
	}
}
