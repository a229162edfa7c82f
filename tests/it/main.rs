mod quarters;
