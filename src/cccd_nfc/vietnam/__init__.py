"""What is particular to the Vietnamese citizen card: number, EF.DG13, its MRZ, checks between them."""
