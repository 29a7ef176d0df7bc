package source

import (
	"context"
	"iter"

	"atelier/data"
)

var fashionClasses = []string{
	"T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
}

// fashionItems yields the first 1,000 training and 200 test pictures of each
// class of Fashion-MNIST.
func fashionItems(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return idxSet{
		fsys: starterFolder(), place: "fashion", classes: fashionClasses,
		origin: data.Origin{Licence: "MIT", Attribution: "Fashion-MNIST, Han Xiao, Kashif Rasul, Roland Vollgraf, Zalando Research, 2017"},
	}.items(ctx, split)
}
