//! Names of people, places and organizations; the towns and streets do not exist.

/// A town of the population, with what addresses in it share.
pub(crate) struct Town {
    pub(crate) name: &'static str,
    pub(crate) state: &'static str,
    /// The first three digits of its postal codes.
    pub(crate) postal: &'static str,
    /// Hours behind UTC in winter.
    pub(crate) west: i32,
    /// Degrees north and west, in hundred-thousandths.
    pub(crate) north: i64,
    pub(crate) longitude_west: i64,
    pub(crate) area_code: &'static str,
}

const fn town(
    name: &'static str,
    (state, postal, area_code): (&'static str, &'static str, &'static str),
    west: i32,
    (north, longitude_west): (i64, i64),
) -> Town {
    Town { name, state, postal, west, north, longitude_west, area_code }
}

#[rustfmt::skip]
pub(crate) static TOWNS: [Town; 12] = [
    town("Eastmere", ("MA", "017", "508"), 5, (42_33120, 71_41870)),
    town("Harrow Falls", ("MA", "013", "413"), 5, (42_58200, 72_60450)),
    town("Pine Hollow", ("NY", "128", "518"), 5, (43_21480, 73_70230)),
    town("Lakeborough", ("PA", "165", "814"), 5, (42_05210, 80_11340)),
    town("Millsworth", ("OH", "446", "330"), 5, (40_87940, 81_51020)),
    town("Crane Ferry", ("GA", "310", "478"), 5, (32_80470, 83_60110)),
    town("Elm Prairie", ("IL", "617", "309"), 6, (40_49060, 88_98330)),
    town("Stone Ford", ("MN", "560", "507"), 6, (44_17030, 93_99020)),
    town("Cotton Bend", ("TX", "766", "254"), 6, (31_55410, 97_13860)),
    town("Silver Mesa", ("CO", "812", "719"), 7, (38_44220, 105_22110)),
    town("Redwater", ("NM", "874", "505"), 7, (36_73890, 108_20670)),
    town("Port Alder", ("WA", "983", "360"), 8, (47_98080, 122_20350)),
];

#[rustfmt::skip]
pub(crate) static STREETS: [&str; 24] = [
    "Alder Lane", "Beacon Street", "Birch Road", "Bridge Street", "Canal Walk", "Cedar Court",
    "Chapel Hill", "Clover Way", "Depot Street", "Fern Avenue", "Foundry Row", "Garden Terrace",
    "Granite Street", "Harbor View", "High Street", "Juniper Drive", "Lantern Close", "Linden Avenue",
    "Meadow Lane", "Mill Road", "Orchard Street", "Quarry Road", "Station Road", "Willow Crescent",
];

#[rustfmt::skip]
pub(crate) static FEMALE: [&str; 64] = [
    "Ada", "Alba", "Alice", "Amara", "Anita", "Anna", "Astrid", "Beatriz", "Bella", "Carmen", "Cecilia", "Clara",
    "Daphne", "Dolores", "Edith", "Elena", "Elsa", "Esther", "Fatima", "Fiona", "Flora", "Freya", "Gloria", "Grace",
    "Hana", "Hazel", "Helen", "Ida", "Imani", "Ines", "Iris", "Ivy", "Jasmine", "Joan", "Judith", "June",
    "Karin", "Keiko", "Laura", "Leila", "Lina", "Lucia", "Mabel", "Maria", "Marta", "Maya", "Mei", "Miriam",
    "Nadia", "Nina", "Nora", "Olga", "Paula", "Priya", "Rosa", "Ruth", "Sara", "Sofia", "Stella", "Tessa",
    "Vera", "Willa", "Yara", "Zoe",
];

#[rustfmt::skip]
pub(crate) static MALE: [&str; 64] = [
    "Aaron", "Abel", "Adam", "Amir", "Andrei", "Anton", "Arjun", "Arlo", "Benito", "Bruno", "Caleb", "Carlos",
    "Cedric", "Cyrus", "Dario", "David", "Diego", "Edgar", "Elias", "Emil", "Enzo", "Ezra", "Felix", "Finn",
    "Gavin", "George", "Hakim", "Harold", "Hugo", "Isaac", "Ivan", "Jamal", "Jasper", "Joel", "Jonas", "Jorge",
    "Kenji", "Kofi", "Lars", "Leon", "Liam", "Louis", "Malik", "Marco", "Mateo", "Miles", "Nathan", "Nils",
    "Oliver", "Omar", "Oscar", "Pablo", "Peter", "Quentin", "Rafael", "Ravi", "Robin", "Samuel", "Stefan", "Theo",
    "Tomas", "Victor", "Walter", "Yusuf",
];

#[rustfmt::skip]
pub(crate) static FAMILY: [&str; 96] = [
    "Abbott", "Acker", "Adeyemi", "Aguilar", "Almeida", "Anders", "Archer", "Ashby", "Baker", "Banerjee", "Barlow", "Becker",
    "Bell", "Bianchi", "Blake", "Bowen", "Brandt", "Calder", "Campos", "Carver", "Castillo", "Chandra", "Chen", "Clarke",
    "Cole", "Cortez", "Dale", "Delgado", "Dietz", "Doyle", "Draper", "Duarte", "Ellis", "Engel", "Fairley", "Farouk",
    "Fisher", "Flores", "Foster", "Fujita", "Garner", "Gomez", "Greer", "Gupta", "Haines", "Hansen", "Harper", "Hayashi",
    "Holm", "Horvath", "Ibarra", "Iyer", "Jansen", "Jensen", "Kamara", "Kaplan", "Keller", "Kim", "Kowal", "Lang",
    "Larsen", "Lindqvist", "Lopez", "Marsh", "Mbeki", "Mendes", "Moreau", "Mori", "Navarro", "Nguyen", "Novak", "Okafor",
    "Olsen", "Ortega", "Park", "Pereira", "Petrov", "Quinn", "Ramos", "Reyes", "Rossi", "Sandoval", "Schmidt", "Shah",
    "Silva", "Sorensen", "Tanaka", "Torres", "Underhill", "Vance", "Varga", "Weiss", "Whitfield", "Yamada", "Zapata", "Ziegler",
];

#[rustfmt::skip]
pub(crate) static PAYERS: [&str; 8] = [
    "Federal Senior Care", "Bluestem Health Plan", "Commonweal Mutual", "Evergreen Insurance",
    "Harborlight Health", "Keystone Benefit Trust", "State Family Care", "Summit Employers Plan",
];
