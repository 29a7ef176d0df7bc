package source

// LocalPath implements [data.Local].
func (s *Archive) LocalPath() string { return s.Path }

// LocalPath implements [data.Local].
func (s *CSV) LocalPath() string { return s.Path }

// LocalPath implements [data.Local].
func (s *Folder) LocalPath() string { return s.Path }

// LocalPath implements [data.Local].
func (s *IDX) LocalPath() string { return s.Path }

// LocalPath implements [data.Local].
func (s *JSONL) LocalPath() string { return s.Path }

// LocalPath implements [data.Local].
func (s *Parquet) LocalPath() string { return s.Path }

// LocalPath implements [data.Local].
func (s *Text) LocalPath() string { return s.Path }

// Sources that are read from files, which users may correct before they resume.
var _ = []interface{ LocalPath() string }{
	(*Archive)(nil), (*CSV)(nil), (*Folder)(nil), (*IDX)(nil), (*JSONL)(nil), (*Parquet)(nil), (*Text)(nil),
}
