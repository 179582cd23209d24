module fate.example/two_parties

go 1.19
