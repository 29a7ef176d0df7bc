package source

import (
	"context"
	"iter"

	"atelier/data"
	"atelier/internal/levels"
	"atelier/internal/tilemap"
)

// levelsSet are the maps of levels that come with the program, labelled by theme.
var levelsSet = starterSet{classes: levels.Themes[:3], items: levelItems}

// levelTestShare is the share of the maps that are held out.
const levelTestShare = 1.0 / 5

// levelItems yields the maps of a part as text.
func levelItems(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for _, theme := range levels.Themes[:3] {
			all, err := levels.Own(theme)
			for _, m := range all {
				if err = ctx.Err(); err != nil {
					break
				}
				name := theme + "/" + m.Name
				if splitOf(name, levelTestShare) != split {
					continue
				}
				it := data.Item{Name: name, MediaType: tilemap.MediaType, Bytes: m.Text(), Label: theme,
					Origin: data.Origin{Place: name, Licence: ownRights, Attribution: ownCredit}}
				if !yield(it, nil) {
					return
				}
			}
			if err != nil {
				yield(data.Item{}, err)
				return
			}
		}
	}
}
